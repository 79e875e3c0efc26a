"""Whose row of a file it is: by address or registration number, or as the operator confirmed; never by name.

Names give suggestions alone, which a person has to confirm.
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import transaction

from assessment.models import ConfirmedMatch, Invitation, Procedure, Result
from assessment.moodle import ExportRow, match_key, normal_name
from assessment.rules import Points
from assessment.services.results import known_scores, lock_procedure, result_blockers
from candidates.models import ApplicationTrack
from reserve_portal.audit.services import record_event
from reserve_portal.core.gates import Blocker, require_open

HINTS = 3  # similar names suggested for a row that matched nobody
HINTED_ROWS = 100  # rows of one file for which similar names are sought
ALIKE = 0.75


@dataclass
class People:
    """Who was invited to a procedure, found by what a row of a file tells."""

    procedure: Procedure
    everybody: tuple[Invitation, ...]
    confirmed: dict[str, int]  # key of the file → user's pk
    results: dict[int, Result]
    known: dict[int, dict[int, Points]]
    hinted: int = 0
    by_email: dict[str, list[Invitation]] = field(default_factory=dict)
    by_number: dict[str, list[Invitation]] = field(default_factory=dict)
    by_user: dict[int, list[Invitation]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for item in self.everybody:
            application = item.track.application
            self.by_email.setdefault(application.user.email.lower(), []).append(item)
            self.by_user.setdefault(application.user_id, []).append(item)
            number = number_of(application)
            if number:
                self.by_number.setdefault(number.casefold(), []).append(item)

    def of(self, row: ExportRow) -> list[Invitation]:
        """The invitations of the person of a row, in each target group; empty where nobody is known by it."""
        return self._by_email(row) or self._by_number(row) or self._confirmed(row)

    def is_confirmed(self, row: ExportRow) -> bool:
        """Whether the row is somebody's only because the operator said so."""
        return not self._by_email(row) and not self._by_number(row) and bool(self._confirmed(row))

    def contradiction(self, row: ExportRow) -> str:
        """A sentence where address and number are those of two people; else empty."""
        by_email, by_number = self._by_email(row), self._by_number(row)
        if not by_email or not by_number:
            return ""
        one, other = (found[0].track.application.user for found in (by_email, by_number))
        if one.pk == other.pk:
            return ""
        return f"Адрес принадлежит человеку {one.full_name}, а номер {row.id_number} — {other.full_name}."

    def reasons(self, row: ExportRow) -> list[str]:
        """Why nobody is known by a row, and whom it may mean."""
        track = self._elsewhere.get(row.email.lower()) or self._elsewhere.get(row.id_number.casefold())
        if track is not None:
            return [f"Человек из этого набора, но не приглашён на процедуру: {track.get_state_display()}."]
        reasons = [f"Среди приглашённых нет никого с адресом или номером «{row.email or row.id_number}»."]
        self.hinted += 1
        similar = self.suggestions(row) if self.hinted <= HINTED_ROWS else ()
        if similar:
            names = ", ".join(item.track.application.user.full_name for item in similar)
            reasons.append(f"Похожие имена: {names}. Исправьте файл или подтвердите, кто это.")
        return reasons

    def suggestions(self, row: ExportRow) -> tuple[Invitation, ...]:
        """Invited people of a similar name, the most similar first."""
        wanted = normal_name(row.last_name, row.first_name)
        alike = difflib.get_close_matches(wanted, self._names, n=2 * HINTS, cutoff=ALIKE)
        found = {item.track.application.user_id: item for name in alike for item in self._names[name]}
        return tuple(found.values())[:HINTS]

    def _by_email(self, row: ExportRow) -> list[Invitation]:
        return self.by_email.get(row.email.lower(), []) if row.email else []

    def _by_number(self, row: ExportRow) -> list[Invitation]:
        return self.by_number.get(row.id_number.casefold(), []) if row.id_number else []

    def _confirmed(self, row: ExportRow) -> list[Invitation]:
        return self.by_user.get(self.confirmed.get(match_key(row).casefold(), 0), [])

    @cached_property
    def _names(self) -> dict[str, list[Invitation]]:
        """Invitations by full name, and by name without patronymic, which files often lack."""
        found: dict[str, list[Invitation]] = {}
        for item in self.everybody:
            user = item.track.application.user
            for name in {
                normal_name(user.last_name, user.first_name, user.patronymic),
                normal_name(user.last_name, user.first_name),
            }:
                found.setdefault(name, []).append(item)
        return found

    @cached_property
    def _elsewhere(self) -> dict[str, ApplicationTrack]:
        """Tracks of the campaign by address and number, for those who were not invited; read once, where needed."""
        found: dict[str, ApplicationTrack] = {}
        tracks = ApplicationTrack.objects.filter(application__campaign=self.procedure.campaign_id)
        for track in tracks.select_related("application__user", "application__registration"):
            found.setdefault(track.application.user.email.lower(), track)
            number = number_of(track.application)
            if number:
                found.setdefault(number.casefold(), track)
        return found


def people_of(procedure: Procedure) -> People:
    """Everybody invited to a procedure, with results and points known so far; a fixed number of queries."""
    everybody = tuple(
        Invitation.objects.filter(procedure=procedure)
        .select_related("track__application__user", "track__application__registration", "track__target_group")
        .prefetch_related("waiting_scores")
        .order_by("pk")
    )
    rows = Result.objects.filter(procedure=procedure).prefetch_related("scores")
    results = {result.track_id: result for result in rows}
    known = {item.track_id: known_scores(item, results.get(item.track_id)) for item in everybody}
    matches = ConfirmedMatch.objects.filter(procedure=procedure)
    confirmed = dict(matches.values_list("key", "invitation__track__application__user"))
    return People(procedure, everybody, confirmed, results, known)


def number_of(application: Any) -> str:
    """The registration number of an application; empty where it has none."""
    return getattr(getattr(application, "registration", None), "text", "")


@transaction.atomic
def confirm_match(
    procedure: Procedure, *, row: ExportRow, invitation: Invitation, actor: Any
) -> ConfirmedMatch:
    """Say whose row it is that matched nobody; every later file with the same address or number knows it.

    Raises GateShut for a row without either, or one whose address or number is an invited person's own.
    """
    locked = lock_procedure(procedure)
    require_open([*result_blockers(locked), *match_blockers(locked, row, invitation)])
    person = invitation.track.application.user
    match, _ = ConfirmedMatch.objects.update_or_create(
        procedure=locked,
        key=match_key(row).casefold(),
        defaults={
            "name": f"{row.last_name} {row.first_name}".strip()[:300],
            "invitation": invitation,
            "confirmed_by": actor,
        },
    )
    record_event("assessment.confirm_match", match, actor=actor, person=person, key=match.key)
    return match


def match_blockers(procedure: Procedure, row: ExportRow, invitation: Invitation) -> list[Blocker]:
    """What keeps a row from being confirmed as the row of an invited person."""
    if not match_key(row):
        return [Blocker("В строке нет ни адреса, ни номера: запомнить нечего.")]
    if invitation.procedure_id != procedure.pk:
        return [Blocker("Этот человек не приглашён на процедуру.", field="invitation")]
    people = people_of(procedure)
    if people.of(row) and not people.is_confirmed(row):
        owner = people.of(row)[0].track.application.user.full_name
        return [Blocker(f"Этот адрес или номер уже принадлежит: {owner}.")]
    return []


@transaction.atomic
def forget_match(match: ConfirmedMatch, *, actor: Any) -> None:
    """Take a confirmed match back; results stored by it stay and are corrected like any other."""
    person = match.invitation.track.application.user
    record_event("assessment.forget_match", match, actor=actor, person=person, key=match.key)
    match.delete()


def invited_by_number(procedure: Procedure, numbers: Iterable[str]) -> dict[str, Invitation]:
    """Invitations by registration number, for the operator who knows the number alone."""
    wanted = {number.strip().casefold() for number in numbers if number.strip()}
    people = people_of(procedure)
    return {number: people.by_number[number][0] for number in wanted if number in people.by_number}
