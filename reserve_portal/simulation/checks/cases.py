"""Vacancies: who is appointed, and by what right."""

from collections.abc import Iterator

from django.db.models import F, Q

from reservists.enums import ReservistState
from reservists.models import Reservist
from vacancies.enums import ReferralState, VacancyState
from vacancies.models import Appointment, Vacancy

from .registry import check


@check
def appointments_come_from_the_reserve_where_they_must() -> Iterator[str]:
    """Where the edition appoints only members, an appointment has its recommended and agreed referral (T9)."""
    rows = Appointment.objects.select_related("vacancy__edition", "vacancy__organisation", "referral")
    for row in rows.order_by("pk"):
        edition = row.vacancy.edition
        if not row.from_reserve and edition.value("only_from_reserve"):
            yield f"{row}: назначение не из резерва, хотя порядок этого не допускает."
        if row.referral is not None and edition.value("agreement"):
            agreement = getattr(row.referral, "agreement", None)
            if agreement is None or not agreement.agreed:
                yield f"{row}: назначение без согласования."


@check
def appointed_members_have_an_appointment() -> Iterator[str]:
    """A member is «appointed» by an appointment in force, and an appointment in force makes its member so (T9)."""
    standing = Appointment.objects.filter(fell_through_at=None).exclude(referral=None)
    holders = set(standing.values_list("referral__reservist", flat=True))
    for member in Reservist.objects.filter(state=ReservistState.APPOINTED).select_related("user"):
        if member.pk not in holders:
            yield f"{member}: считается назначенным(ой), а назначения нет."
    wrong = standing.filter(Q(referral__reservist__state=ReservistState.ACTIVE))
    for row in wrong.select_related("referral__reservist__user"):
        yield f"{row}: назначение действует, а человек числится в резерве."


@check
def filled_vacancies_have_an_appointment() -> Iterator[str]:
    """A vacancy is filled exactly when an appointment for it is in force."""
    filled = Appointment.objects.filter(fell_through_at=None).values("vacancy")
    for vacancy in Vacancy.objects.filter(state=VacancyState.FILLED).exclude(pk__in=filled):
        yield f"Вакансия «{vacancy}» закрыта, а назначения нет."
    for vacancy in Vacancy.objects.filter(pk__in=filled).exclude(state=VacancyState.FILLED):
        yield f"Вакансия «{vacancy}» открыта, хотя назначение действует."


@check
def appointments_belong_to_their_vacancy() -> Iterator[str]:
    """The referral behind an appointment was made for the same vacancy and ended in it."""
    rows = Appointment.objects.exclude(referral=None).exclude(referral__vacancy=F("vacancy"))
    for row in rows:
        yield f"{row}: человека представляли на другую вакансию."
    standing = Appointment.objects.filter(fell_through_at=None).exclude(referral=None)
    for row in standing.exclude(referral__state=ReferralState.APPOINTED):
        yield f"{row}: назначение действует, а представление не закончено назначением."
