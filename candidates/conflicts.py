"""Who must keep out of a candidate's case, from facts alone."""

from typing import Any

from commissions.models import DecisionLine
from commissions.motions import register_conflict
from reserve_portal.accounts.enums import Role
from reserve_portal.core.search import search_key

from .models import Application, ApplicationTrack


def conflicts_of(user: Any, application: Application) -> list[str]:
    """The own application; the same place of work; nominated by the person or by the own municipality."""
    found = ["собственное дело"] if application.user_id == user.pk else []
    profile = application.snapshot.get("profile", {})
    works_at = user.organisation.name if user.organisation_id else ""
    if works_at and search_key(works_at) == search_key(profile.get("organisation_name", "")):
        found.append("одно место работы")
    if user.pk in application.nominator_ids:
        found.append("выдвинут этим человеком")
    own_municipality = user.municipality_id is not None and user.municipality_id == profile.get(
        "municipality_id"
    )
    if own_municipality and user.has_role(Role.MUNICIPAL) and "municipality" in application.nominations:
        found.append("выдвинут своим муниципальным образованием")
    return found


@register_conflict
def facts_of_the_application(line: DecisionLine, user: Any) -> list[str]:
    """Whatever is decided about a person: the same school or municipality, a nomination.

    The facts are those of the application that the line is about, else of the person's newest submitted one; where
    there is none (somebody whom the reserve took over from paper) the person's account tells the place of work.
    """
    application = _application_behind(line)
    found = [] if application is None else conflicts_of(user, application)
    municipality = line.person.municipality_id
    if application is not None:
        municipality = application.snapshot.get("profile", {}).get("municipality_id") or municipality
    elif user.organisation_id and user.organisation_id == line.person.organisation_id:
        found.append("одно место работы")
    if user.municipality_id is not None and user.municipality_id == municipality:
        found.append("одно муниципальное образование")
    return [reason for reason in found if reason != "собственное дело"]


def _application_behind(line: DecisionLine) -> Application | None:
    """Found once for a loaded line, of which every member of the body is asked."""
    if not hasattr(line, "application_behind"):
        line.application_behind = _find_application(line)  # type: ignore[attr-defined]
    return line.application_behind  # type: ignore[attr-defined]


def _find_application(line: DecisionLine) -> Application | None:
    if isinstance(line.subject, ApplicationTrack):
        return line.subject.application
    submitted = Application.objects.filter(user=line.person_id, submitted_at__isnull=False)
    return submitted.order_by("-submitted_at").first()
