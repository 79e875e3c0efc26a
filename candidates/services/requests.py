"""Requests of people about their personal data, answered within ten working days (152-FZ, article 20)."""

from typing import Any

from django.db import transaction

from reserve_portal.accounts.models import User
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.deadlines import event_happened
from reserve_portal.regulations.services import edition_in_force

from ..enums import RequestState
from ..models import SubjectRequest
from ..workflow import SUBJECT_REQUEST


@transaction.atomic
def make_request(user: Any, *, kind: str, text: str) -> SubjectRequest:
    """Take a person's request and start its limit; raises GateShut without words or while the same one waits."""
    User.objects.select_for_update().get(pk=user.pk)
    blockers = []
    if not text.strip():
        blockers.append(Blocker("Напишите, о чём вы просите.", field="text"))
    if SubjectRequest.objects.filter(user=user, kind=kind, state=RequestState.RECEIVED).exists():
        blockers.append(Blocker("Такой запрос уже ждёт ответа.", field="kind"))
    require_open(blockers)
    edition = edition_in_force()
    request = SubjectRequest.objects.create(user=user, edition=edition, kind=kind, text=text.strip())
    SUBJECT_REQUEST.start(request, actor=user, label="Запрос получен")
    opened = event_happened("subject_request.received", request, edition=edition, on=clock.today())
    due = min((row.due_on for row in opened), default=None)
    record_event("candidates.make_subject_request", request, actor=user, person=user, kind=kind)
    send_letter(
        "subject_request.received",
        to=user,
        key=f"subject_request.received:{request.pk}",
        values={
            "kind": request.get_kind_display(),
            "until": f"не позднее {due:%d.%m.%Y}" if due else "в ближайшее время",
        },
        about=request,
    )
    return request


@transaction.atomic
def answer_request(request: SubjectRequest, *, answer: str, actor: Any) -> None:
    """Answer a request, close its limit and write to the person; raises GateShut without an answer."""
    require_open([] if answer.strip() else [Blocker("Напишите ответ.", field="answer")])
    SUBJECT_REQUEST.apply(request, "answer", actor=actor)
    request.answer, request.answered_at, request.answered_by = answer.strip(), clock.now(), actor
    request.save(update_fields=["answer", "answered_at", "answered_by"])
    event_happened("subject_request.answered", request, edition=request.edition, on=clock.today())
    record_event("candidates.answer_subject_request", request, actor=actor, person=request.user)
    send_letter(
        "subject_request.answered",
        to=request.user,
        key=f"subject_request.answered:{request.pk}",
        values={"kind": request.get_kind_display(), "answer": request.answer},
        about=request,
    )
