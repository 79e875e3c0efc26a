"""Words beside a plan and its rows, and the files that prove what was done (O4.6, O4.13)."""

from collections.abc import Iterable
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse

from candidates.enums import ScanState
from candidates.services.quarantine import first_state
from candidates.uploads import MEGABYTE, UploadLimits, check_upload
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.notifications.services import send_letter

from ..enums import PlanState, ReportState
from ..models import DevelopmentPlan, PlanComment, PlanEvidence, PlanItem
from .mentors import guides_of

FILES_OF_A_ROW = 10
PAST = (PlanState.REPLACED, PlanState.DISCARDED)


@transaction.atomic
def comment_plan(plan: DevelopmentPlan, *, item: PlanItem | None, text: str, actor: Any) -> PlanComment:
    """Say something of a plan or of one of its rows; the other side learns by letter. Raises GateShut (O4.6)."""
    plan = DevelopmentPlan.objects.select_related("reservist__user", "reservist__edition").get(pk=plan.pk)
    blockers = []
    if plan.state in PAST:
        blockers.append(Blocker("Эта редакция плана уже в прошлом."))
    if not text.strip():
        blockers.append(Blocker("Напишите комментарий.", field="text"))
    if item is not None and item.plan_id != plan.pk:
        blockers.append(Blocker("Такого пункта в плане нет."))
    require_open(blockers)
    comment = keep_comment(plan, item, text, actor)
    own = plan.reservist.user
    others = guides_of(plan.reservist) if actor.pk == own.pk else [own]
    for person in others:
        send_letter(
            "plan.commented",
            to=person,
            key=f"plan.commented:{comment.pk}:{person.pk}",
            values={
                "author": actor.full_name,
                "plan": str(plan),
                "about": f"пункт «{item}»" if item else "план в целом",
                "text": comment.text,
            },
            about=plan,
        )
    record_event("reservists.comment_plan", comment, actor=actor, person=own)
    return comment


def keep_comment(plan: DevelopmentPlan, item: PlanItem | None, text: str, author: Any) -> PlanComment:
    """Store a comment in the caller's transaction."""
    return PlanComment.objects.create(
        plan=plan, item=item, about=str(item or ""), author=author, text=text.strip()[:2000]
    )


def evidence_blockers(item: PlanItem) -> list[Blocker]:
    """What keeps a file from being laid beside a row."""
    if not item.plan.is_in_force:
        return [Blocker("Подтверждения прикладывают к согласованному плану.")]
    laid = [file for file in files_of([item])[item.pk] if file.scan != ScanState.INFECTED]
    if len(laid) >= FILES_OF_A_ROW:
        return [Blocker(f"К пункту приложено {FILES_OF_A_ROW} файлов, больше нельзя.")]
    return []


@transaction.atomic
def add_evidence(item: PlanItem, *, title: str, name: str, data: bytes, actor: Any) -> PlanEvidence:
    """Lay a file beside a row of a plan in force; judged by its content. Raises RejectedUpload, GateShut (O4.13)."""
    DevelopmentPlan.objects.select_for_update(of=("self",)).get(pk=item.plan_id)
    item = PlanItem.objects.select_related("plan__reservist__user", "plan__reservist__edition").get(
        pk=item.pk
    )
    require_open(evidence_blockers(item))
    edition = item.plan.reservist.edition
    limits = UploadLimits(
        max_bytes=edition.value("max_file_mb") * MEGABYTE, max_pages=edition.value("max_file_pages")
    )
    accepted = check_upload(name, data, limits)
    evidence = PlanEvidence(
        item=item,
        title=title.strip()[:200],
        original_name=accepted.original_name,
        content_type=accepted.content_type,
        sha256=accepted.sha256,
        size=len(accepted.content),
        **first_state(),
    )
    evidence.file.save(f"evidence.{accepted.extension}", ContentFile(accepted.content), save=True)
    record_event(
        "reservists.add_evidence",
        evidence,
        actor=actor,
        person=item.plan.reservist.user,
        sha256=evidence.sha256,
    )
    return evidence


def removal_blockers(evidence: PlanEvidence) -> list[Blocker]:
    """What an accepted report rested on stays (O4.14)."""
    plan = evidence.item.plan
    accepted = plan.reservist.reports.filter(
        year=plan.year, state=ReportState.ACCEPTED, accepted_on__gte=clock.local(evidence.uploaded_at).date()
    )
    if accepted.exists():
        return [Blocker("На этот файл опирается принятый отчёт: он остаётся.")]
    return []


@transaction.atomic
def remove_evidence(evidence: PlanEvidence, *, actor: Any) -> None:
    """Take a file away again, with its content. Raises GateShut once a report that may rest on it was accepted."""
    evidence = (
        PlanEvidence.objects.select_for_update(of=("self",))
        .select_related("item__plan__reservist__user")
        .get(pk=evidence.pk)
    )
    require_open(removal_blockers(evidence))
    person = evidence.item.plan.reservist.user
    record_event("reservists.remove_evidence", evidence, actor=actor, person=person, sha256=evidence.sha256)
    storage, name = evidence.file.storage, str(evidence.file.name)
    evidence.delete()
    if name:  # an infected file is gone already
        transaction.on_commit(lambda: storage.delete(name))


def files_of(items: Iterable[PlanItem]) -> dict[int, list[PlanEvidence]]:
    """Files by the row's id, those of the rows it comes from in earlier versions included, in two queries."""
    rows = list(items)
    plans = {row.plan_id for row in rows}
    family = DevelopmentPlan.objects.filter(pk__in=plans).values("reservist", "year")
    related = PlanItem.objects.none()
    for key in family:
        related = related | PlanItem.objects.filter(plan__reservist=key["reservist"], plan__year=key["year"])
    before = dict(related.values_list("pk", "previous"))
    laid: dict[int, list[PlanEvidence]] = {}
    for file in PlanEvidence.objects.filter(item__in=list(before)):
        laid.setdefault(file.item_id, []).append(file)
    return {row.pk: [file for pk in _line_of(row.pk, before) for file in laid.get(pk, [])] for row in rows}


def _line_of(pk: int | None, before: dict[int, int | None]) -> list[int]:
    """A row and those it comes from, the oldest first."""
    line: list[int] = []
    while pk is not None and pk not in line:
        line.append(pk)
        pk = before.get(pk)
    return line[::-1]


def address_of_file(evidence: PlanEvidence) -> str:
    return reverse("reservists:evidence", args=[evidence.pk])
