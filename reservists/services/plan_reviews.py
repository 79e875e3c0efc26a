"""A body finds how plans are realised; the mentor is invited, a bad finding becomes a signal (O4.13, O4.15, O6.2)."""

from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from commissions.enums import ListState
from commissions.models import AgendaItem, DecisionLine, DecisionList
from commissions.motions import LineSpec
from commissions.services import basis_of, create_list
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.words import plural
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.enums import Decision
from reserve_portal.regulations.models import Edition

from ..development_rules import percent_done
from ..enums import ReservistState, SignalKind
from ..models import DevelopmentPlan, PlanReview, Reservist
from ..rules import points_words
from .development import late_deadlines, with_late
from .mentors import mentor_of
from .signals import raise_signal

LIST_SIZE = 50


def is_reviewed(edition: Edition) -> bool:
    """Some body decides on the realisation of plans under this edition (O4.13)."""
    return edition.chain_links.filter(decision=Decision.PLAN_REVIEW).exists()


def late_plans() -> Any:
    """Plans in force (queryset) of this year whose reservist is late with plan or report, none on a waiting list."""
    listed = waiting_lines().values("object_id")
    late = with_late(Reservist.objects.active()).values("pk")
    return (
        DevelopmentPlan.objects.in_force()
        .filter(year=clock.today().year, reservist__in=late)
        .exclude(pk__in=listed)
        .select_related("reservist__user", "reservist__edition")
        .order_by("reservist__user__last_name", "reservist__user__first_name", "pk")[:LIST_SIZE]
    )


@transaction.atomic
def make_review_list(plans: Iterable[DevelopmentPlan], *, actor: Any) -> DecisionList:
    """Put plans before the body, each with how far it is and what is late. Raises GateShut (O4.13, O4.15)."""
    plans = list(plans)
    require_open(_blockers(plans))
    edition = plans[0].reservist.edition
    late = late_deadlines([plan.reservist for plan in plans])
    count = f"{len(plans)} {plural(len(plans), 'план', 'плана', 'планов')}"
    return create_list(
        Decision.PLAN_REVIEW,
        edition=edition,
        title=f"Реализация планов развития: {plans[0].reservist if len(plans) == 1 else count}"[:300],
        subject=edition,
        lines=[_line(plan, late.get(plan.reservist_id, [])) for plan in plans],
        actor=actor,
    )


def _blockers(plans: list[DevelopmentPlan]) -> list[Blocker]:
    if not plans:
        return [Blocker("Выберите хотя бы один план.")]
    found = []
    if len({plan.reservist.edition_id for plan in plans}) > 1:
        found.append(Blocker("В одном списке — планы одной редакции порядка."))
    if not is_reviewed(plans[0].reservist.edition):
        found.append(Blocker("В редакции порядка не сказано, кто оценивает реализацию планов."))
    listed = set(waiting_lines().values_list("object_id", flat=True))
    for plan in plans:
        if not plan.is_in_force:
            found.append(Blocker(f"{plan.reservist}: план не согласован."))
        if plan.reservist.state != ReservistState.ACTIVE:
            found.append(Blocker(f"{plan.reservist}: не состоит в резерве."))
        if plan.pk in listed:
            found.append(Blocker(f"{plan.reservist}: план уже в списке, который ждёт решения."))
    return found


def _line(plan: DevelopmentPlan, late: list[Any]) -> LineSpec:
    mentor = mentor_of(plan.reservist)
    done = percent_done([item.progress for item in plan.items.all()])
    details = {
        "plan": str(plan),
        "percent": f"{points_words(done)} %",
        "late": "; ".join(f"{row.title}, до {row.due_on:%d.%m.%Y}" for row in late) or "нет",
        "mentor": mentor.user.full_name if mentor else "не закреплён",
    }
    return LineSpec(plan, plan.reservist.user, not late, "есть просрочка" if late else "", details)


def waiting_lines() -> Any:
    """Lines (queryset) about plans that a body has not decided yet."""
    return DecisionLine.objects.filter(
        list__decision=Decision.PLAN_REVIEW, content_type=ContentType.objects.get_for_model(DevelopmentPlan)
    ).exclude(list__state=ListState.DECIDED)


def line_blockers(line: DecisionLine) -> list[Blocker]:
    """What has changed since the list was made."""
    plan = DevelopmentPlan.objects.select_related("reservist").get(pk=line.object_id or 0)
    gone = plan.reservist.state != ReservistState.ACTIVE
    return [Blocker(f"{line.label}: уже не состоит в резерве.")] if gone else []


def invite_mentors(item: AgendaItem) -> None:
    """Invite the mentors of an item's reservists to the meeting, each by one letter (O4.13)."""
    guided: dict[int, tuple[Any, list[str]]] = {}
    for line in item.list.lines.all() if item.list else []:
        plan = DevelopmentPlan.objects.select_related("reservist__user").get(pk=line.object_id or 0)
        mentor = mentor_of(plan.reservist)
        if mentor is not None:
            guided.setdefault(mentor.pk, (mentor.user, []))[1].append(plan.reservist.user.full_name)
    meeting = item.meeting
    for user, names in guided.values():
        send_letter(
            "plan.review_invited",
            to=user,
            key=f"plan.review_invited:{item.pk}:{user.pk}",
            values={
                "body": meeting.body_name_in or meeting.body_name,
                "when": f"{clock.local(meeting.starts_at):%d.%m.%Y в %H:%M}",
                "place": meeting.place or "заочное голосование",
                "people": "\n".join(f"— {name}" for name in names),
            },
            about=item,
        )


def invitations_of(user: Any) -> list[tuple[AgendaItem, list[str]]]:
    """Items to come to which this mentor is invited, each with the names of the reservists concerned (O4.13)."""
    guided = Reservist.objects.filter(assignments__until=None, assignments__mentor__user=user)
    plans = DevelopmentPlan.objects.filter(reservist__in=guided.values("pk")).values("pk")
    items: dict[int, tuple[AgendaItem, list[str]]] = {}
    lines = waiting_lines().filter(object_id__in=plans)
    rows = AgendaItem.objects.standing().filter(list__lines__in=lines, meeting__starts_at__gte=clock.now())
    for item in rows.select_related("meeting__body", "list").distinct().order_by("meeting__starts_at"):
        names = [line.label for line in lines if line.list_id == item.list_id]
        items[item.pk] = (item, names)
    return list(items.values())


@transaction.atomic
def decide_review(line: DecisionLine, *, actor: Any) -> None:
    """Keep the finding and tell both sides; a bad one raises a signal, and excludes nobody (O4.13, O6.1-6.2)."""
    plan = DevelopmentPlan.objects.select_related("reservist__user", "reservist__edition").get(
        pk=line.object_id or 0
    )
    basis, reservist = basis_of(line.list)[:300], plan.reservist
    review = PlanReview.objects.create(
        plan=plan,
        satisfactory=bool(line.outcome),
        words=line.outcome_reason,
        made_on=line.list.decided_on or clock.today(),
        basis=basis,
        line=line,
    )
    record_event("reservists.review_plan", review, actor=actor, person=reservist.user)
    mentor = mentor_of(reservist)
    for person in [reservist.user, *([mentor.user] if mentor else [])]:
        send_letter(
            "plan.reviewed",
            to=person,
            key=f"plan.reviewed:{review.pk}:{person.pk}",
            values={
                "reservist": reservist.user.full_name,
                "plan": str(plan),
                "finding": str(review),
                "reason": review.words or "—",
                "basis": basis,
            },
            about=plan,
        )
    if not review.satisfactory:
        facts = f"{plan}: {review}. {review.words} {basis}".strip()
        raise_signal(reservist, SignalKind.MONITORING, facts=facts, fact_at=clock.now(), actor=None)
