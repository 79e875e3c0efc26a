"""Who enters the reserve: the list for the bodies, and the effect of their decision."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q, QuerySet

from assessment.eligibility import inclusion_possible_from
from assessment.enums import ProcedureState
from assessment.models import Procedure, Result
from assessment.services.absences import absent_invitations
from assessment.services.appeals import open_appeal_blockers
from assessment.services.conclusions import conclusion_blockers, conclusions_needed
from assessment.services.experts import open_sheet_blockers
from assessment.services.procedures import close_procedure, follow_procedure
from assessment.services.routes import draft_route
from candidates.enums import TrackState
from candidates.models import ApplicationTrack
from candidates.workflow import TRACK
from commissions.models import DecisionLine, DecisionList
from commissions.motions import LineSpec
from commissions.services import basis_of, create_list
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import Municipality, Organisation, User
from reserve_portal.accounts.services import grant_role
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.search import search_key
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.deadlines import event_happened
from reserve_portal.regulations.enums import Decision
from reserve_portal.regulations.models import Edition, TargetGroup

from ..enums import ReservistState
from ..models import Reservist
from ..rules import managing_years, points_words, result_words, return_day
from ..workflow import RESERVIST
from .development import begin_development
from .registry import approve_registry

NO_NUMBER = "без номера"


@transaction.atomic
def make_inclusion_list(procedure: Procedure, *, actor: Any) -> DecisionList:
    """Make the list for inclusion from the results of an ended procedure, best first (T4, O3.17-3.22).

    Every assessed track becomes a line; the proposal is what the portal computed. Raises GateShut with
    `inclusion_blockers`.
    """
    procedure = Procedure.objects.select_for_update().get(pk=procedure.pk)
    follow_procedure(procedure)
    blockers = inclusion_blockers(procedure)
    if DecisionList.objects.about(procedure).filter(decision=Decision.INCLUSION).exists():
        blockers.append(Blocker("Список для включения по этой процедуре уже составлен."))
    require_open(blockers)
    return create_list(
        Decision.INCLUSION,
        edition=procedure.campaign.edition,
        title=f"Включение в кадровый резерв: {procedure.campaign.name}",
        subject=procedure,
        lines=[_inclusion_line(result) for result in assessed_results(procedure)],
        actor=actor,
    )


def inclusion_blockers(procedure: Procedure) -> list[Blocker]:
    """What keeps the list from being made: the procedure goes on, results or conclusions are missing (T4, O3.17)."""
    if procedure.state in (ProcedureState.DRAFT, ProcedureState.SCHEDULED, ProcedureState.OPEN):
        return [Blocker("Процедура оценки ещё не закончена.")]
    if procedure.state == ProcedureState.CLOSED:
        return [Blocker("Итоги этой процедуры уже подведены.")]
    found = [
        Blocker(f"{row.track.application.user.full_name}: нет результата — внесите его или отметьте неявку.")
        for row in absent_invitations(procedure)  # who was given a second date is waited for there
    ]
    if not found and not assessed_results(procedure):
        found.append(Blocker("Нет ни одного результата."))
    found += open_appeal_blockers(procedure) + open_sheet_blockers(procedure)
    return found + conclusion_blockers(procedure)


def procedures_to_decide() -> QuerySet[Procedure]:
    """Ended procedures for which no list for inclusion was made yet."""
    listed = DecisionList.objects.filter(
        decision=Decision.INCLUSION, content_type=ContentType.objects.get_for_model(Procedure)
    )
    return Procedure.objects.filter(state=ProcedureState.ENDED).exclude(pk__in=listed.values("object_id"))


def line_blockers(decision_list: DecisionList) -> list[Blocker]:
    """What is no longer true of a list's lines: a result changed after it was made, a person already included."""
    found = []
    procedure: Any = decision_list.subject
    listed: dict[Any, DecisionLine] = {line.object_id: line for line in decision_list.lines.all()}
    results = {result.track_id: result for result in assessed_results(procedure)}
    for track_id, line in listed.items():
        result = results.get(track_id)
        if result is None or line.details.get("points") != points_words(result.points):
            found.append(Blocker(f"{line.label}: результат изменился, составьте список заново."))
        elif line.details.get("recommended", "") != _recommendation(result):
            found.append(Blocker(f"{line.label}: экспертное заключение изменилось, составьте список заново."))
        elif line.proposal and is_member(result.track.application.user, result.track.target_group):
            found.append(Blocker(f"{line.label} уже состоит в резерве по этой группе."))
    found += [
        Blocker(f"{result.track.application.user.full_name}: есть результат, но в списке этого человека нет.")
        for track_id, result in results.items()
        if track_id not in listed
    ]
    return found


def assessed_results(procedure: Procedure) -> list[Result]:
    """Results of the procedure whose tracks wait for the decision, best first."""
    return list(
        procedure.results.filter(track__state=TrackState.ASSESSED)
        .select_related(
            "conclusion",
            "procedure__campaign__edition",
            "track__target_group",
            "track__application__user",
            "track__application__registration",
        )
        .order_by("track__target_group__order", "rank", "track__application__user__last_name", "pk")
    )


def is_member(user: Any, target_group: TargetGroup) -> bool:
    """Say whether the person is in the reserve in this group; a copied edition's group of the same code is the same."""
    return (
        Reservist.objects.filter(user=user, target_group__code=target_group.code)
        .exclude(state=ReservistState.EXCLUDED)
        .exists()
    )


def return_from(user: Any, edition: Edition) -> Any:
    """The first day (date) on which an excluded person may be included again, or None (O6.4)."""
    days = Reservist.objects.filter(user=user, state=ReservistState.EXCLUDED).values_list(
        "ended_on", flat=True
    )
    return return_day([day for day in days if day], edition.value("return_months"))


@transaction.atomic
def decide_inclusion(line: DecisionLine, *, actor: Any) -> Reservist | None:
    """Bring the outcome of one line about: a membership and the role, or «not included» with a draft route (T4, T5).

    A track that was withdrawn after the list had been sent is left alone. Returns the new membership, if any.
    """
    track = ApplicationTrack.objects.select_related("application__user", "target_group").get(
        pk=line.object_id or 0
    )
    if not TRACK.is_open(track, "include"):
        record_event("reservists.skip_line", line, actor=actor, person=line.person, state=track.state)
        return None
    result = Result.objects.get(procedure_id=line.list.object_id or 0, track=track)
    if line.outcome:
        return _include(line, track, result, actor=actor)
    TRACK.apply(track, "not_include", actor=actor, reason=line.outcome_reason)
    record_event("reservists.not_include", track, actor=actor, person=line.person)
    draft_route(track, actor=actor)
    return None


@transaction.atomic
def finish_inclusion(decision_list: DecisionList, *, actor: Any) -> None:
    """After the last body: limits, the registry's next edition, letters to all, the procedure closed (T4, O3.25)."""
    procedure: Any = decision_list.subject
    edition, day = decision_list.edition, decision_list.decided_on or clock.today()
    close_procedure(procedure, actor=actor, on=day)
    event_happened("inclusion.decided", decision_list, edition=edition, on=day)
    approve_registry(decision_list, actor=actor)
    for line in decision_list.lines.select_related("person"):
        _tell_result(line)
    event_happened("inclusion.notified", decision_list, edition=edition, on=clock.today())
    record_event("reservists.finish_inclusion", decision_list, actor=actor)


def registration_number(track: ApplicationTrack) -> str:
    """The number in the journal of registration, as shown."""
    entry = getattr(track.application, "registration", None)
    return entry.text if entry else NO_NUMBER


def municipality_of(track: ApplicationTrack) -> Municipality | None:
    """Where the person works: by the questionnaire, else by the account."""
    profile = getattr(track.application.user, "profile", None)
    return (profile.municipality if profile else None) or track.application.user.municipality


def note_workplace(user: User, municipality: Municipality | None) -> None:
    """Tie an account to the organisation that its questionnaire names, where there is exactly one of this name.

    By it matching tells the kind of school, and the map of the reserve those where nobody of it works. An account
    that has an organisation keeps it.
    """
    profile = getattr(user, "profile", None)
    named = search_key(profile.organisation_name) if profile else ""
    if user.organisation_id or municipality is None or not named:
        return
    known = Organisation.objects.filter(municipality=municipality, is_active=True)
    found = [
        pk
        for pk, *names in known.values_list("pk", "name", "short_name")
        if named in [search_key(name) for name in names]
    ]
    if len(found) == 1:
        User.objects.filter(pk=user.pk).update(organisation=found[0])
        user.organisation_id = found[0]


def _inclusion_line(result: Result) -> LineSpec:
    track = result.track
    user, edition = track.application.user, result.procedure.campaign.edition
    reasons = [
        result_words(
            result.points,
            result.maximum,
            result.procedure.threshold_percent,
            edition.clause("threshold_percent"),
        )
    ]
    waits = _waiting_words(user, edition)
    if is_member(user, track.target_group):
        waits.append("уже состоит в резерве по этой группе")
    recommendation, proposed = _recommendation(result), result.passed
    if recommendation:
        proposed = result.conclusion.recommended
        reasons.append(f"экспертное заключение: {recommendation}")
    return LineSpec(
        subject=track,
        person=user,
        proposal=proposed and not waits,
        reason="; ".join(reasons + waits),
        details={
            "number": registration_number(track),
            "municipality": str(municipality_of(track) or "—"),
            "points": points_words(result.points),
            "maximum": points_words(result.maximum),
            "zone": result.get_zone_display(),
            "rank": result.rank,
            "group": str(track.target_group),
            "recommended": recommendation,
        },
    )


def _recommendation(result: Result) -> str:
    """The experts' word on the inclusion, with the reason of a departure; empty where none is asked for (O3.18)."""
    if not conclusions_needed(result.procedure):
        return ""
    conclusion = getattr(result, "conclusion", None)
    if conclusion is None:
        return ""
    return f"{conclusion.recommendation}{f' ({conclusion.reason})' if conclusion.reason else ''}"


def quota_notes(decision_list: DecisionList) -> list[tuple[str, str]]:
    """How the number proposed stands to the campaign's quota: a loud warning above it, never a block (O3.1)."""
    procedure: Any = decision_list.subject
    quota = procedure.campaign.quota if isinstance(procedure, Procedure) else None
    if quota is None:
        return []
    proposed = decision_list.lines.filter(Q(outcome=True) | Q(outcome=None, proposal=True)).count()
    basis = f" ({procedure.campaign.quota_basis})" if procedure.campaign.quota_basis else ""
    words = f"Квота {quota}{basis}, предложено {proposed}"
    if proposed > quota:
        return [("warning", f"{words}: на {proposed - quota} больше квоты.")]
    return [("info", f"{words}.")]


def _waiting_words(user: User, edition: Edition) -> list[str]:
    """Why the person may not be included yet: the waiting year (T5), the time after an exclusion (O6.4)."""
    words = []
    for day, parameter in (
        (inclusion_possible_from(user, edition), "wait_months"),
        (return_from(user, edition), "return_months"),
    ):
        if day and day > clock.today():
            words.append(f"включение возможно с {day:%d.%m.%Y} ({edition.clause(parameter)})")
    return words


def _include(line: DecisionLine, track: ApplicationTrack, result: Result, *, actor: Any) -> Reservist:
    user = User.objects.select_for_update().get(pk=track.application.user_id)
    if is_member(user, track.target_group):
        require_open([Blocker(f"{line.label} уже состоит в резерве по этой группе.")])
    TRACK.apply(track, "include", actor=actor)
    reservist = Reservist.objects.create(
        user=user,
        edition=line.list.edition,
        target_group=track.target_group,
        track=track,
        municipality=municipality_of(track),
        zone=result.zone,
        points=result.points,
        maximum=result.maximum,
        rank=result.rank,
        managing_years=managing_years(
            track.application.snapshot.get("employment", []), (line.list.decided_on or clock.today())
        ),
        included_on=(line.list.decided_on or clock.today()),
        basis=basis_of(line.list)[:300],
    )
    RESERVIST.start(reservist, actor=actor, label="Включён в кадровый резерв", reason=reservist.basis)
    grant_role(user, Role.RESERVIST, actor=actor)
    note_workplace(user, reservist.municipality)
    begin_development(reservist)
    record_event("reservists.include", reservist, actor=actor, person=user, basis=reservist.basis)
    return reservist


def _tell_result(line: DecisionLine) -> None:
    """The letter about the result: included, or not and from which day again (T5); nothing to who withdrew."""
    track = ApplicationTrack.objects.get(pk=line.object_id or 0)
    edition = line.list.edition
    if track.state == TrackState.INCLUDED:
        values = {"group": str(track.target_group), "basis": basis_of(line.list)}
        kind = "reserve.included"
    elif track.state == TrackState.NOT_INCLUDED:
        day = inclusion_possible_from(line.person, edition)
        values = {
            "group": str(track.target_group),
            "reason": line.outcome_reason,
            "again": f"Включение возможно с {day:%d.%m.%Y}."
            if day
            else "Вы можете участвовать в следующем наборе.",
        }
        kind = "reserve.not_included"
    else:
        return
    send_letter(kind, to=line.person, key=f"{kind}:{line.pk}", values=values, about=track)
