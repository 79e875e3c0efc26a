"""Heads of the organisations follow the case: a vacancy frees the post, an appointment fills it."""

from datetime import date
from typing import Any

from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.search import search_key

from ..forecast import is_head_post
from ..models import Appointment, OrganisationHead, Vacancy


def free_post(vacancy: Vacancy, *, actor: Any) -> None:
    """The head left, and the post is vacant since the day the report names; within the caller's transaction."""
    if not is_head_post(vacancy.post, vacancy.organisation.kind):
        return
    for head in OrganisationHead.objects.current().filter(organisation=vacancy.organisation_id):
        OrganisationHead.objects.filter(pk=head.pk).update(left_on=vacancy.arose_on, vacancy=vacancy)
        record_event("vacancies.head_left", head, actor=actor)


def keep_head(vacancy: Vacancy, *, actor: Any) -> None:
    """The vacancy was taken back: whoever had left by it is the head still, unless another came meanwhile."""
    if OrganisationHead.objects.current().filter(organisation=vacancy.organisation_id).exists():
        return
    head = OrganisationHead.objects.filter(vacancy=vacancy).order_by("-pk").first()
    if head is not None:
        OrganisationHead.objects.filter(pk=head.pk).update(left_on=None, vacancy=None)
        record_event("vacancies.head_stays", head, actor=actor)


def install_head(appointment: Appointment, *, contract_until: date | None, actor: Any) -> None:
    """Whoever was appointed is the head from the order's date; of a reservist the year of birth is known."""
    vacancy = appointment.vacancy
    if not is_head_post(vacancy.post, vacancy.organisation.kind):
        return
    OrganisationHead.objects.current().filter(organisation=vacancy.organisation_id).update(
        left_on=appointment.order_dated
    )
    profile = getattr(appointment.referral.reservist.user, "profile", None) if appointment.referral else None
    head = OrganisationHead.objects.create(
        organisation_id=vacancy.organisation_id,
        name=appointment.person_name,
        since=appointment.order_dated,
        contract_until=contract_until,
        birth_year=profile.birth_date.year if profile and profile.birth_date else None,
        appointment=appointment,
        search_key=search_key(appointment.person_name, vacancy.organisation.name),
    )
    record_event("vacancies.head_installed", head, actor=actor)


def remove_head(appointment: Appointment, *, actor: Any) -> None:
    """The appointment fell through: its head holds the post no more."""
    head = OrganisationHead.objects.current().filter(appointment=appointment).first()
    if head is not None:
        OrganisationHead.objects.filter(pk=head.pk).update(left_on=clock.today())
        record_event("vacancies.head_left", head, actor=actor)
