"""The pool of mentors, and a mentor for each reservist: lists for the bodies, and what their decisions bring (O4.7)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from commissions.enums import ListState
from commissions.models import DecisionLine, DecisionList
from commissions.motions import LineSpec
from commissions.services import basis_of, create_list
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import User
from reserve_portal.accounts.services import create_person, grant_role, revoke_role, send_invitation
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.words import plural
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.enums import Decision
from reserve_portal.regulations.models import Edition
from reserve_portal.regulations.services import edition_in_force

from ..development_rules import Guide, Guided, share_out
from ..enums import MentorState, ReservistState
from ..models import Mentor, MentorAssignment, Reservist
from ..workflow import MENTOR

LIST_SIZE = 50


@transaction.atomic
def make_pool_list(people: Iterable[User], *, actor: Any) -> DecisionList:
    """Make the list by which people enter the pool of mentors; raises GateShut (O4.7)."""
    edition, people = edition_in_force(), list(people)
    blockers = [] if edition.value("mentors") else [Blocker("Эта редакция порядка не знает наставников.")]
    if not people:
        blockers.append(Blocker("Назовите хотя бы одного человека."))
    members = set(Mentor.objects.active().filter(user__in=people).values_list("user_id", flat=True))
    listed = set(_waiting_lines(Decision.MENTOR_POOL).values_list("person_id", flat=True))
    for person in people:
        if person.pk in members:
            blockers.append(Blocker(f"{person.full_name}: уже в составе наставников."))
        elif person.pk in listed:
            blockers.append(Blocker(f"{person.full_name}: уже в списке, который ждёт решения."))
    require_open(blockers)
    details = {person.pk: {"post": person.post or "—", "email": person.email} for person in people}
    return create_list(
        Decision.MENTOR_POOL,
        edition=edition,
        title=f"Состав наставников: {_people(len(people))}",
        subject=edition,
        lines=[LineSpec(person, person, True, details=details[person.pk]) for person in people],
        actor=actor,
    )


@transaction.atomic
def expert_of(email: str, *, actor: Any, **fields: str) -> User:
    """The person of this address; whoever has no account yet gets one as an expert (O4.7: mentors are experts)."""
    found = User.objects.filter(email__iexact=email).first()
    return found or create_person(email.lower(), roles=[Role.EXPERT], actor=actor, **fields)


@transaction.atomic
def admit_mentor(line: DecisionLine, *, actor: Any) -> None:
    """Take the person of a line into the pool, with role and letter; who was there before comes back (O4.7)."""
    if not line.outcome:
        return
    user = User.objects.select_for_update().get(pk=line.person_id)
    day, basis = line.list.decided_on or clock.today(), basis_of(line.list)[:300]
    mentor = Mentor.objects.filter(user=user).first()
    if mentor is None:
        mentor = Mentor.objects.create(user=user, since=day, basis=basis)
        MENTOR.start(mentor, actor=actor, label="Включён в состав наставников", reason=basis)
    elif MENTOR.is_open(mentor, "restore"):
        MENTOR.apply(mentor, "restore", actor=actor, reason=basis)
        Mentor.objects.filter(pk=mentor.pk).update(since=day, basis=basis, removed_on=None, removal_reason="")
    grant_role(user, Role.MENTOR, actor=actor)
    record_event("reservists.admit_mentor", mentor, actor=actor, person=user, basis=basis)
    send_letter(
        "mentor.pooled", to=user, key=f"mentor.pooled:{line.pk}", values={"basis": basis}, about=mentor
    )
    if not user.has_usable_password():
        send_invitation(user)


@transaction.atomic
def remove_mentor(mentor: Mentor, *, reason: str, actor: Any) -> None:
    """Take a mentor out of the pool; his or her reservists are told and wait for another one (O4.7)."""
    mentor = Mentor.objects.select_for_update(of=("self",)).select_related("user").get(pk=mentor.pk)
    MENTOR.apply(mentor, "remove", actor=actor, reason=reason)
    Mentor.objects.filter(pk=mentor.pk).update(removed_on=clock.today(), removal_reason=reason[:300])
    revoke_role(mentor.user, Role.MENTOR, actor=actor)
    guided = mentor.assignments.current().select_related("reservist__user")
    for assignment in guided:
        end_assignment(assignment, ground=f"Наставник выведен из состава: {reason}")
        if assignment.reservist.state == ReservistState.ACTIVE:
            send_letter(
                "mentor.removed",
                to=assignment.reservist.user,
                key=f"mentor.removed:{assignment.pk}",
                values={"mentor": mentor.user.full_name},
                about=assignment,
            )
    record_event("reservists.remove_mentor", mentor, actor=actor, person=mentor.user, reason=reason)


def end_assignment(assignment: MentorAssignment, *, ground: str) -> None:
    """End a standing assignment today, with its ground; the row stays as history (O4.16)."""
    day = max(clock.today(), assignment.since)
    MentorAssignment.objects.filter(pk=assignment.pk).update(until=day, end_ground=ground[:500])


def mentor_of(reservist: Reservist) -> Mentor | None:
    """The reservist's present mentor."""
    standing = reservist.assignments.current().select_related("mentor__user").first()
    return standing.mentor if standing else None


def guides_of(reservist: Reservist) -> list[User]:
    """Who agrees plans and accepts reports: the mentor, nobody while one is awaited (O4.7, O4.9).

    Where the edition knows plans but no mentors, it is the operators.
    """
    if reservist.edition.value("mentors"):
        mentor = mentor_of(reservist)
        return [mentor.user] if mentor else []
    return list(User.objects.with_role(Role.OPERATOR))


def without_mentor() -> Any:
    """Active reservists (queryset) whose edition knows mentors and who have none, nor stand on a waiting list."""
    editions = Edition.objects.filter(parameters__key="mentors", parameters__value=True)
    lines = _waiting_lines(Decision.MENTOR).filter(
        content_type=ContentType.objects.get_for_model(Reservist), object_id=OuterRef("pk")
    )
    standing = MentorAssignment.objects.current().filter(reservist=OuterRef("pk"))
    return (
        Reservist.objects.active()
        .filter(edition__in=editions.values("pk"))
        .exclude(Exists(standing))
        .exclude(Exists(lines))
    )


def propose_mentors() -> list[tuple[Reservist, int | None, str]]:
    """The next reservists without a mentor, of one edition, each with the proposed mentor's id and why (O4.7).

    By load, area and municipality. At most LIST_SIZE; None where nobody is free to guide him or her.
    """
    first = without_mentor().order_by("edition", "pk").first()
    if first is None:
        return []
    rows = list(
        without_mentor()
        .filter(edition=first.edition_id)
        .select_related("user", "edition", "target_group")
        .order_by("rank", "user__last_name", "pk")[:LIST_SIZE]
    )
    mentors = list(Mentor.objects.active().with_load())
    ids = {mentor.user_id: mentor.pk for mentor in mentors}
    shares = share_out(
        [Guided(row.pk, row.user_id, row.municipality_id, row.target_group.code) for row in rows],
        [Guide(row.user_id, row.load, row.capacity, row.municipality_id, row.group_code) for row in mentors],
    )
    return [
        (row, ids[shares[row.pk][0].person], "; ".join(shares[row.pk][1]).capitalize() + ".")
        if row.pk in shares
        else (row, None, "Свободного наставника нет.")
        for row in rows
    ]


@transaction.atomic
def set_mentor_facts(
    mentor: Mentor, *, municipality: Any, group_code: str, capacity: int | None, actor: Any
) -> None:
    """Keep where a mentor works, whom he or she knows best, and how many at most: the proposal goes by it (O4.7)."""
    Mentor.objects.filter(pk=mentor.pk).update(
        municipality=municipality, group_code=group_code, capacity=capacity
    )
    record_event(
        "reservists.set_mentor_facts",
        mentor,
        actor=actor,
        person=mentor.user,
        municipality=municipality.pk if municipality else None,
        group=group_code,
        capacity=capacity,
    )


def _people(number: int) -> str:
    return f"{number} {plural(number, 'человек', 'человека', 'человек')}"


@transaction.atomic
def make_assignment_list(
    pairs: Sequence[tuple[Reservist, Mentor]], *, actor: Any, ground: str = ""
) -> DecisionList:
    """Make the list by which mentors are assigned to reservists of one edition, or changed with a ground (O4.7, O4.16).

    Raises GateShut when nobody is chosen, or a pair does not fit (`reservist_blockers`, `pair_blockers`).
    """
    blockers = [] if pairs else [Blocker("Выберите наставника хотя бы одному резервисту.")]
    current = _current_mentors(reservist for reservist, _ in pairs)
    listed = listed_reservists()
    for reservist, mentor in pairs:
        blockers += reservist_blockers(reservist, listed)
        blockers += pair_blockers(reservist, mentor, current.get(reservist.pk), ground)
    if len({reservist.edition_id for reservist, _ in pairs}) > 1:
        blockers.append(Blocker("В одном списке — резервисты одной редакции порядка."))
    require_open(blockers)
    edition = pairs[0][0].edition
    lines = [_assignment_line(*pair, current.get(pair[0].pk), ground) for pair in pairs]
    title = "Смена наставника" if ground else "Закрепление наставников"
    return create_list(
        Decision.MENTOR,
        edition=edition,
        title=f"{title}: {pairs[0][0] if len(pairs) == 1 else _people(len(pairs))}"[:300],
        subject=edition,
        lines=lines,
        actor=actor,
    )


def pool_blockers() -> list[Blocker]:
    """There is nobody who could be a mentor."""
    if Mentor.objects.active().exists():
        return []
    return [
        Blocker(
            "В составе наставников никого нет: предложите людей в состав.",
            url=reverse("admin:reservists_mentor_propose"),
        )
    ]


def listed_reservists() -> set[int | None]:
    """Ids of those who stand on a list about mentors that waits for its decision."""
    return set(_waiting_lines(Decision.MENTOR).values_list("object_id", flat=True))


def reservist_blockers(reservist: Reservist, listed: Collection[int | None]) -> list[Blocker]:
    """What keeps any mentor from this reservist: rules without mentors, out of the reserve, among the `listed`."""
    found = []
    if not reservist.edition.value("mentors"):
        found.append(Blocker(f"{reservist}: редакция порядка не знает наставников."))
    if reservist.state != ReservistState.ACTIVE:
        found.append(Blocker(f"{reservist}: не состоит в резерве."))
    if reservist.pk in listed:
        found.append(Blocker(f"{reservist}: уже в списке, который ждёт решения."))
    return found


def pair_blockers(reservist: Reservist, mentor: Mentor, current: Mentor | None, ground: str) -> list[Blocker]:
    """What keeps this mentor from this reservist; a change needs its ground (O4.16)."""
    found = []
    if mentor.state != MentorState.ACTIVE:
        found.append(Blocker(f"{mentor}: не в составе наставников.", field="mentor"))
    if mentor.user_id == reservist.user_id:
        found.append(Blocker(f"{reservist}: нельзя быть наставником самому себе.", field="mentor"))
    if current is not None and current.pk == mentor.pk:
        found.append(Blocker(f"{reservist}: этот наставник уже закреплён.", field="mentor"))
    if current is not None and not ground.strip():
        found.append(Blocker(f"{reservist}: укажите, почему наставник меняется.", field="ground"))
    return found


@transaction.atomic
def assign_mentor(line: DecisionLine, *, actor: Any) -> None:
    """Bring an assignment about: the former mentor's row ends with the ground, both sides get a letter (O4.7, O4.16).

    Left alone when reservist or mentor went away while the list was on its way.
    """
    if not line.outcome:
        return
    reservist = Reservist.objects.select_for_update(of=("self",)).get(pk=line.object_id or 0)
    mentor = Mentor.objects.select_related("user").get(pk=line.details["mentor_id"])
    if reservist.state != ReservistState.ACTIVE or mentor.state != MentorState.ACTIVE:
        record_event("reservists.skip_assignment", line, actor=actor, person=line.person)
        return
    day, basis = line.list.decided_on or clock.today(), basis_of(line.list)[:300]
    for former in reservist.assignments.current():
        end_assignment(former, ground=line.details.get("ground") or line.outcome_reason)
    assignment = MentorAssignment.objects.create(reservist=reservist, mentor=mentor, since=day, basis=basis)
    record_event(
        "reservists.assign_mentor", assignment, actor=actor, person=line.person, mentor=mentor.user_id
    )
    facts = {"basis": basis, "mentor": mentor.user.full_name, "email": mentor.user.email}
    key = f"{reservist.pk}:{assignment.pk}"
    send_letter(
        "mentor.assigned", to=line.person, key=f"mentor.assigned:{key}", values=facts, about=assignment
    )
    values = {"basis": basis, "reservist": line.label, "email": line.person.email}
    send_letter("mentor.given", to=mentor.user, key=f"mentor.given:{key}", values=values, about=assignment)


def assignment_blockers(decision_list: DecisionList) -> list[Blocker]:
    """What is no longer true of an assignment list's lines."""
    lines = list(decision_list.lines.all())
    active = set(
        Reservist.objects.active()
        .filter(pk__in=[line.object_id for line in lines])
        .values_list("pk", flat=True)
    )
    mentors = set(Mentor.objects.active().values_list("pk", flat=True))
    found = [
        Blocker(f"{line.label}: уже не состоит в резерве.") for line in lines if line.object_id not in active
    ]
    return found + [
        Blocker(f"{line.label}: наставник {line.details['mentor']} уже не в составе.")
        for line in lines
        if line.details["mentor_id"] not in mentors
    ]


def _assignment_line(reservist: Reservist, mentor: Mentor, current: Mentor | None, ground: str) -> LineSpec:
    details = {
        "group": str(reservist.target_group),
        "zone": reservist.get_zone_display(),
        "mentor": mentor.user.full_name,
        "mentor_id": mentor.pk,
        "mentor_user": mentor.user_id,
        "former": current.user.full_name if current else "—",
        "ground": ground.strip(),
    }
    return LineSpec(reservist, reservist.user, True, ground.strip(), details)


def _current_mentors(reservists: Iterable[Reservist]) -> Mapping[int, Mentor]:
    standing = MentorAssignment.objects.current().filter(reservist__in=[row.pk for row in reservists])
    return {row.reservist_id: row.mentor for row in standing.select_related("mentor__user")}


def _waiting_lines(decision: str) -> Any:
    return DecisionLine.objects.filter(list__decision=decision).exclude(list__state=ListState.DECIDED)
