"""Who must keep out of a candidate's case, from facts alone."""

from typing import Any

from reserve_portal.accounts.enums import Role
from reserve_portal.core.search import search_key

from .enums import NominationState
from .models import Application


def conflicts_of(user: Any, application: Application) -> list[str]:
    """The own application; the same place of work; nominated by the person or by the own municipality."""
    found = ["собственное дело"] if application.user_id == user.pk else []
    profile = application.snapshot.get("profile", {})
    works_at = user.organisation.name if user.organisation_id else ""
    if works_at and search_key(works_at) == search_key(profile.get("organisation_name", "")):
        found.append("одно место работы")
    if application.nomination_rows.filter(nominator=user, state=NominationState.ACCEPTED).exists():
        found.append("выдвинут этим человеком")
    own_municipality = user.municipality_id is not None and user.municipality_id == profile.get(
        "municipality_id"
    )
    if own_municipality and user.has_role(Role.MUNICIPAL) and "municipality" in application.nominations:
        found.append("выдвинут своим муниципальным образованием")
    return found
