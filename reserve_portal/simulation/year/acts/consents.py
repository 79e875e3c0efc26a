"""Consents to publication taken back: the name is taken down from the list within the limit, or late (152-FZ, 10.1)."""

from datetime import date

from candidates.models import Consent
from candidates.services.consents import withdraw_consent
from reserve_portal.core import calendar
from reserve_portal.regulations.enums import ConsentKind
from reservists.models import Reservist
from reservists.services.dissemination import stop_dissemination

from ..year import Year

MONTHS = (8, 10)


def begin(year: Year) -> None:
    """Plan the withdrawals, where the edition publishes a list at all."""
    if year.edition.value("public_list"):
        for month in MONTHS:
            day = calendar.next_working_day(date(year.number, month, 19))
            year.plan(day, 21, 0, withdraw, year, month)


def withdraw(year: Year, month: int) -> None:
    """One member takes the consent back; the page hides the name at once, the operator ends what stands elsewhere."""
    members = Reservist.objects.active().values("user")
    standing = Consent.objects.filter(
        text__kind=ConsentKind.DISSEMINATION, withdrawn_at=None, user__in=members
    )
    rows = list(standing.select_related("user", "text").order_by("pk"))
    if not rows:
        return
    dice = year.dice("takes back", month)
    consent = dice.choice(rows)
    year.refused("отзыв чужого согласия", withdraw_consent, consent, actor=year.cast["operator"])
    withdrawn = withdraw_consent(consent, actor=consent.user)
    days = dice.choices((1, 2, 3, 5), (40, 30, 20, 10))[0]
    year.soon(days, lambda: stop_dissemination(withdrawn, actor=year.cast["operator"]), hour=11)
