"""Rows are locked in one order everywhere (the vacancy, then the person), so that no two deeds wait for each other."""

from collections.abc import Iterable

from reservists.models import Reservist

from ..models import Referral, Vacancy


def lock_vacancy(pk: int) -> Vacancy:
    """Lock a vacancy and return it fresh, with what its services read."""
    return (
        Vacancy.objects.select_for_update(of=("self",))
        .select_related("edition", "organisation", "municipality")
        .get(pk=pk)
    )


def lock_referral(referral: Referral) -> Referral:
    """Lock the vacancy, then all memberships of the person, and return the referral fresh.

    A person with two memberships is still one person: both are locked (O1.14-1.15).
    """
    vacancy = lock_vacancy(referral.vacancy_id)
    fresh = Referral.objects.select_related("reservist__user").get(pk=referral.pk)
    lock_person(fresh.reservist.user_id)
    fresh = Referral.objects.select_related("reservist__user").get(pk=referral.pk)
    fresh.vacancy = vacancy
    return fresh


def lock_person(user_id: int) -> None:
    """Lock all memberships of a person."""
    lock_people([user_id])


def lock_people(user_ids: Iterable[int]) -> None:
    """Lock all memberships of several people at once, in the order of the memberships."""
    list(
        Reservist.objects.select_for_update(of=("self",))
        .filter(user__in=user_ids)
        .order_by("pk")
        .values_list("pk")
    )
