"""What appointments say about the work with the reserve (O7.3)."""

from reservists.indicators import Count, Indicator, Scope, register_indicator

from .models import Appointment


def _appointed(scope: Scope) -> Count:
    """Appointments of the span that did not fall through, from the reserve and from outside."""
    rows = Appointment.objects.filter(order_dated__range=(scope.since, scope.until), fell_through_at=None)
    return Count(
        scope.narrow(rows, group="vacancy__target_group__code", municipality="vacancy__municipality")
    )


def _from_reserve(scope: Scope) -> Count:
    return Count(_appointed(scope).rows.filter(from_reserve=True), "referral__reservist__user")


register_indicator(
    Indicator(
        "appointed",
        "Назначены на должности руководителей",
        "O7.3",
        "Назначения с датой приказа в этом периоде, кроме несостоявшихся.",
        _appointed,
    )
)
register_indicator(
    Indicator(
        "appointed_from_reserve",
        "Назначены из резерва",
        "O7.3",
        "Доля назначений из резерва во всех назначениях периода.",
        _from_reserve,
        whole=_appointed,
    )
)
