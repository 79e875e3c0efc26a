"""Lists on their way through the bodies."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import File
from django.db import models, transaction

from reserve_portal.accounts.enums import Role
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.enums import LinkForm
from reserve_portal.regulations.models import ChainLink, Edition

from .enums import ItemState, ListState, MeetingState
from .files import sha256_of
from .models import AgendaItem, Body, DecisionLine, DecisionList, Order
from .motions import LineSpec, motion_of
from .workflow import LIST


@transaction.atomic
def create_list(
    decision: str,
    *,
    edition: Edition,
    title: str,
    subject: models.Model,
    lines: Iterable[LineSpec],
    corrects: AgendaItem | None = None,
    actor: Any,
) -> DecisionList:
    """Make a draft list about `subject` (a campaign, a vacancy) with its lines in the given order."""
    decision_list = DecisionList.objects.create(
        decision=decision,
        edition=edition,
        title=title,
        created_by=actor,
        corrects=corrects,
        content_type=ContentType.objects.get_for_model(subject),
        object_id=subject.pk,
    )
    LIST.start(decision_list, actor=actor, label="Список составлен")
    _write_lines(decision_list, lines)
    record_event("commissions.create_list", decision_list, actor=actor)
    return decision_list


@transaction.atomic
def replace_lines(decision_list: DecisionList, lines: Iterable[LineSpec], *, actor: Any) -> None:
    """Write a draft's lines anew from facts that changed; raises GateShut for a list that was sent."""
    decision_list = DecisionList.objects.select_for_update().get(pk=decision_list.pk)
    if decision_list.state != ListState.DRAFT:
        require_open([Blocker("Список уже передан органу: менять его нельзя.")])
    decision_list.lines.all().delete()
    _write_lines(decision_list, lines)
    record_event("commissions.replace_lines", decision_list, actor=actor)


def _write_lines(decision_list: DecisionList, lines: Iterable[LineSpec]) -> None:
    specs = list(lines)
    times = Counter(spec.person.pk for spec in specs)
    for order, spec in enumerate(specs, start=1):
        DecisionLine.objects.create(
            list=decision_list,
            order=order,
            person=spec.person,
            label=_label(spec, alone=times[spec.person.pk] == 1),
            details=spec.details,
            proposal=spec.proposal,
            proposal_reason=spec.reason,
            content_type=ContentType.objects.get_for_model(spec.subject),
            object_id=spec.subject.pk,
        )


def _label(spec: LineSpec, *, alone: bool) -> str:
    """Whom a line is about; of somebody who stands on the list more than once (O1.15), for which target group."""
    name, group = str(spec.person.full_name), spec.details.get("group", "")
    longest = DecisionLine._meta.get_field("label").max_length
    return name if alone or not group else f"{name} ({group})"[:longest]


def send_blockers(decision_list: DecisionList) -> list[Blocker]:
    """What keeps the list from being sent: no lines, no chain, and whatever its motion names."""
    found = []
    if not decision_list.lines.exists():
        found.append(Blocker("В списке нет ни одного человека."))
    if not _links(decision_list):
        found.append(Blocker("В редакции порядка не сказано, кто принимает это решение."))
    return found + motion_of(decision_list).blockers(decision_list)


@transaction.atomic
def send_list(decision_list: DecisionList, *, actor: Any) -> None:
    """Send the list to the first body of its chain; raises GateShut with the blockers."""
    require_open(send_blockers(decision_list))
    LIST.apply(decision_list, "send", actor=actor)
    _stand_at(decision_list, _links(decision_list)[0], actor)
    record_event("commissions.send_list", decision_list, actor=actor)


@transaction.atomic
def record_order(
    decision_list: DecisionList,
    *,
    number: str,
    dated: date,
    file: File | None = None,
    removed: dict[int, str] | None = None,
    actor: Any,
) -> Order:
    """Record the order by which the present link approves the list; `removed` maps lines taken off to the reason.

    Raises GateShut when the list does not wait for an order, the date lies ahead or before the protocol, or somebody
    is taken off without a reason or is not on the list.
    """
    decision_list = DecisionList.objects.select_for_update().get(pk=decision_list.pk)
    removed = {pk: reason.strip() for pk, reason in (removed or {}).items()}
    require_open(order_blockers(decision_list, number=number, dated=dated, removed=removed))
    order = Order.objects.create(
        list=decision_list,
        link_order=decision_list.link_order,
        number=number.strip(),
        dated=dated,
        body_name=_body_at(decision_list),
        file=file or "",
        sha256=sha256_of(file) if file else "",
        recorded_by=actor,
    )
    for line in decision_list.lines.all():
        reason = removed.get(line.pk, "")
        set_outcome(line, line.standing and not reason, reason or line.outcome_reason or line.proposal_reason)
    record_event("commissions.record_order", order, actor=actor, number=number)
    advance_list(decision_list, on=dated, actor=actor)
    return order


def order_blockers(
    decision_list: DecisionList, *, number: str, dated: date, removed: dict[int, str]
) -> list[Blocker]:
    """What keeps an order of this number and date from being recorded; `removed` maps lines to reasons."""
    blockers = []
    if not decision_list.waits_for_order:
        blockers.append(Blocker("Этот список сейчас не ждёт приказа."))
    if not number.strip():
        blockers.append(Blocker("Укажите номер приказа.", field="number"))
    if dated > clock.today():
        blockers.append(Blocker("Дата приказа ещё не наступила.", field="dated"))
    last = _decided_items(decision_list).order_by("-meeting__starts_at").first()
    if last is not None and dated < clock.local(last.meeting.starts_at).date():
        blockers.append(
            Blocker("Приказ не может быть раньше протокола, на котором он основан.", field="dated")
        )
    if any(not reason for reason in removed.values()):
        blockers.append(Blocker("Укажите причину, по которой человек исключается из списка."))
    if set(removed) - set(decision_list.lines.values_list("pk", flat=True)):
        blockers.append(Blocker("Исключать можно только тех, кто есть в списке."))
    return blockers


def take_back_blockers(decision_list: DecisionList) -> list[Blocker]:
    """What keeps a sent list from going back to be reworked: an agenda it stands on, a body that has decided."""
    waiting = (
        decision_list.items.standing()
        .exclude(meeting__state__in=[MeetingState.CLOSED, MeetingState.CANCELLED])
        .select_related("meeting__body")
    )
    found = [
        Blocker(f"Список стоит в повестке: {item.meeting}. Сначала снимите его с повестки.")
        for item in waiting
    ]
    if _decided_items(decision_list).exists() or decision_list.orders.exists():
        found.append(Blocker("По списку уже есть протокол или приказ: вернуть его нельзя."))
    return found


@transaction.atomic
def take_back_list(decision_list: DecisionList, *, actor: Any, reason: str) -> None:
    """Take a list back from its first body to be reworked; raises GateShut, TransitionRefused without a reason."""
    DecisionList.objects.select_for_update().get(pk=decision_list.pk)
    require_open(take_back_blockers(decision_list))
    LIST.apply(decision_list, "take_back", actor=actor, reason=reason)
    record_event("commissions.take_back_list", decision_list, actor=actor, reason=reason)


def set_outcome(line: DecisionLine, outcome: bool, reason: str) -> None:
    """Store what holds for a line after a link of the chain."""
    line.outcome, line.outcome_reason = outcome, reason
    line.save(update_fields=["outcome", "outcome_reason"])


def advance_list(decision_list: DecisionList, *, on: date, actor: Any) -> None:
    """Pass the list on to the next link, or bring the decision about after the last.

    Within the caller's transaction.
    """
    later = [link for link in _links(decision_list) if link.order > decision_list.link_order]
    if later:
        LIST.apply(decision_list, "pass_on", actor=actor)
        _stand_at(decision_list, later[0], actor)
        return
    LIST.apply(decision_list, "decide", actor=actor)
    decision_list.decided_on = on
    decision_list.save(update_fields=["decided_on"])
    motion = motion_of(decision_list)
    for line in decision_list.lines.all():
        motion.effect(line, actor=actor)
    motion.finished(decision_list, actor=actor)


def basis_of(decision_list: DecisionList) -> str:
    """Name the papers behind a decision: «протокол № 3 от 05.06.2026; приказ № 12 от …»."""
    parts = [
        (
            item.link_order,
            f"протокол № {item.meeting.number} от {clock.local(item.meeting.starts_at):%d.%m.%Y}",
        )
        for item in _decided_items(decision_list)
    ]
    parts += [
        (order.link_order, f"приказ № {order.number} от {order.dated:%d.%m.%Y}")
        for order in decision_list.orders.all()
    ]
    return "; ".join(text for _, text in sorted(parts))


def _decided_items(decision_list: DecisionList) -> models.QuerySet[AgendaItem]:
    return decision_list.items.filter(
        meeting__state=MeetingState.CLOSED, state=ItemState.VOTED
    ).select_related("meeting")


def _links(decision_list: DecisionList) -> list[ChainLink]:
    """The chain of the decision; a correction begins with the body whose decision it corrects."""
    links = decision_list.edition.chain_links.filter(decision=decision_list.decision)
    if decision_list.corrects is not None:
        links = links.filter(order__gte=decision_list.corrects.link_order)
    return list(links.order_by("order"))


def _body_at(decision_list: DecisionList) -> str:
    """The name of the body at which the list stands, as it is now."""
    link = decision_list.link
    body = Body.objects.filter(code=link.body).first() if link else None
    return body.name if body else ""


def _stand_at(decision_list: DecisionList, link: ChainLink, actor: Any) -> None:
    decision_list.link_order = link.order
    decision_list.save(update_fields=["link_order"])
    if link.form == LinkForm.ORDER:
        _tell_authority(decision_list, link)
    motion_of(decision_list).arrived(decision_list, actor=actor)


def _tell_authority(decision_list: DecisionList, link: ChainLink) -> None:
    """Each official of the authority learns that a list waits for an order."""
    body = Body.objects.filter(code=link.body).first()
    for user in get_user_model().objects.with_role(Role.AUTHORITY):
        send_letter(
            "list.waits_for_order",
            to=user,
            key=f"list.waits_for_order:{decision_list.pk}:{link.order}:{user.pk}",
            values={
                "list": decision_list.title,
                "body": body.name if body else link.body,
                "basis": basis_of(decision_list) or "протокола нет",
                "count": decision_list.lines.count(),
            },
            about=decision_list,
        )
