"""The operator's review: a verdict on each document, a word on each requirement, and what follows (O3.5-3.8)."""

from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.models import TransitionLog
from reserve_portal.notifications.services import send_letter
from reserve_portal.papers.services import issue_paper
from reserve_portal.regulations.deadlines import cancel_deadlines, event_happened, reopen_deadlines
from reserve_portal.regulations.enums import GroundKind
from reserve_portal.regulations.models import Ground

from ..enums import ApplicationState, ScanState, TrackState, Verdict
from ..models import Application, ItemVerdict, PackageFile, PackageItem, RequirementFinding
from ..summary import ground_in_words
from ..workflow import APPLICATION
from .judging import judge_missing, judge_requirements
from .packages import excuse_is_open, is_excused, lacks_of
from .registration import require_state

REVIEWING = ApplicationState.REGISTERED


@transaction.atomic
def review_item(
    item: PackageItem, *, verdict: str, actor: Any, ground: Ground | None = None, words: str = ""
) -> PackageItem:
    """Store the verdict on one document of an application under review.

    «To correct» needs a ground of the edition's closed list; «refused» needs words; an empty slot cannot be accepted,
    but its lack may be excused for a stated good reason where the edition takes one (O3.8).
    When the last required document is checked, completeness counts as checked (O3.8). Raises GateShut.
    """
    application = require_state(item.application, REVIEWING)
    locked = (
        PackageItem.objects.select_for_update(of=("self",)).select_related("document_type").get(pk=item.pk)
    )
    item.document_type = locked.document_type
    files = list(locked.current_files())
    require_open(_verdict_blockers(locked, verdict, ground, words.strip(), files))
    item.verdict, item.words = Verdict(verdict), words.strip()
    item.ground = ground if verdict in (Verdict.CORRECT, Verdict.REFUSED) else None
    item.reviewed_by, item.reviewed_at = actor, clock.now()
    _keep_verdict(item, actor, files)
    item.save(update_fields=["verdict", "ground", "words", "reviewed_by", "reviewed_at"])
    if not _anything_pending(application):
        _completeness_checked(application)
        judge_requirements(application)  # some requirements ask for an accepted document
    elif verdict == Verdict.EXCUSED and is_excused(application):
        _completeness_checked(application)  # nothing is missing without a good reason any more
    elif not required_unchecked(application):
        _completeness_checked(application)  # what is handed in at will makes no package incomplete
    record_event("candidates.review_item", item, actor=actor, person=application.user, verdict=str(verdict))
    return item


@transaction.atomic
def confirm_finding(finding: RequirementFinding, *, actor: Any, holds: bool, reason: str) -> None:
    """Store the operator's word on one requirement; a word other than the computed one needs a reason (O3.5)."""
    require_state(finding.application, REVIEWING)
    locked = RequirementFinding.objects.select_for_update(of=("self",)).get(pk=finding.pk)
    if locked.met != holds and not reason.strip():
        require_open([Blocker("Решение расходится с расчётом: напишите, почему.", field="reason")])
    finding.confirmed, finding.reason, finding.confirmed_by = holds, reason.strip(), actor
    finding.save(update_fields=["confirmed", "reason", "confirmed_by"])
    record_event(
        "candidates.confirm_finding",
        finding,
        actor=actor,
        person=finding.application.user,
        met=finding.met,
        holds=holds,
        reason=reason.strip(),
    )


def correction_blockers_of(application: Application) -> list[Blocker]:
    """What keeps an application under review from being sent back: unchecked documents, none marked «to correct»."""
    blockers = _unchecked(application)
    if not application.items.filter(verdict=Verdict.CORRECT).exists():
        blockers.append(Blocker("Ни один документ не отмечен «исправить»."))
    return blockers


@transaction.atomic
def request_correction(application: Application, *, actor: Any, note: str = "") -> None:
    """Send the application back for the documents marked «to correct»; letter with their words and the last day.

    Raises GateShut when no document is marked, or some are not checked yet (a person corrects once, not thrice).
    """
    require_state(application, REVIEWING)
    require_open(correction_blockers_of(application))
    items = list(application.items.filter(verdict=Verdict.CORRECT).select_related("document_type", "ground"))
    APPLICATION.apply(application, "request_correction", actor=actor, reason=note.strip())
    application.correction_note = note.strip()
    application.save(update_fields=["correction_note"])
    _completeness_checked(application)
    deadlines = event_happened(
        "correction.requested",
        application,
        edition=application.campaign.edition,
        on=clock.today(),
        about=_about(application),
        responsible_user=application.user,
    )
    due = min((row.due_on for row in deadlines), default=None)
    send_letter(
        "candidates.correction",
        to=application.user,
        key=f"candidates.correction:{application.pk}:{_times(application, 'request_correction')}",
        values={
            "number": application.registration.text,
            "documents": "\n".join(
                f"— {item.document_type}: {_ground_words(item.ground, item.words)}" for item in items
            ),
            "note": f"\n{note.strip()}\n" if note.strip() else "",
            "until": f"до {due:%d.%m.%Y} включительно" if due else "как можно скорее",
            "path": reverse("candidates:documents", args=[application.pk]),
        },
        about=application,
    )
    record_event("candidates.request_correction", application, actor=actor, person=application.user)


@transaction.atomic
def end_correction(application: Application, *, actor: Any, reason: str) -> None:
    """Take an application back from correction without waiting any longer; the review goes on with what is there."""
    APPLICATION.apply(application, "end_correction", actor=actor, reason=reason)
    cancel_deadlines(application, closes=("correction.done",))
    send_letter(
        "candidates.correction_ended",
        to=application.user,
        key=f"candidates.correction_ended:{application.pk}:{_times(application, 'end_correction')}",
        values={"number": application.registration.text, "reason": reason.strip()},
        about=application,
    )
    record_event(
        "candidates.end_correction", application, actor=actor, person=application.user, reason=reason
    )


def unfinished(application: Application) -> list[Blocker]:
    """What keeps a review from being finished, whatever is proposed: verdicts and words that are not given yet."""
    blockers = _unchecked(application)
    for item in application.items.filter(verdict=Verdict.CORRECT).select_related("document_type"):
        blockers.append(Blocker(f"«{item}» отмечен «исправить»: верните на исправление или решите иначе."))
    return blockers + [
        Blocker(f"Требование «{finding.requirement}»: решение не принято.")
        for finding in application.findings.select_related("requirement")
        if finding.holds is None
    ]


def against_admission(application: Application) -> list[Blocker]:
    """What of the package and the requirements keeps admission from being proposed (O3.5-3.7)."""
    blockers = [
        Blocker(f"Требование «{finding.requirement}» не выполнено: допуск предложить нельзя.")
        for finding in application.findings.select_related("requirement")
        if finding.holds is False
    ]
    return blockers + [
        Blocker(f"Обязательный документ «{item.document_type}» не принят: допуск предложить нельзя.")
        for item in application.items.filter(verdict=Verdict.REFUSED).select_related("document_type")
        if item.document_type.is_required_for(application.nominations)
    ]


def review_blockers(application: Application, *, admit: bool, ground: Ground | None) -> list[Blocker]:
    """What keeps a review from being finished with this proposal (O3.5-3.7)."""
    blockers = unfinished(application)
    if admit:
        blockers += against_admission(application)
    elif ground is None:
        blockers.append(Blocker("Выберите основание, по которому не допустить.", field="ground"))
    elif ground.kind != GroundKind.NOT_ADMITTED or ground.edition_id != application.campaign.edition_id:
        blockers.append(Blocker("Этого основания нет в перечне порядка.", field="ground"))
    return blockers


@transaction.atomic
def finish_review(
    application: Application, *, actor: Any, admit: bool, ground: Ground | None = None, words: str = ""
) -> None:
    """Finish the review with a proposal to the commission: admit, or not admit on a ground. Raises GateShut."""
    require_state(application, REVIEWING)
    judge_missing(application)
    require_open(review_blockers(application, admit=admit, ground=ground))
    APPLICATION.apply(application, "finish_review", actor=actor)
    _store_proposal(application, admit, None if admit else ground, words.strip())
    _completeness_checked(application)
    event_happened(
        "application.reviewed", application, edition=application.campaign.edition, on=clock.today()
    )
    record_event("candidates.finish_review", application, actor=actor, person=application.user, admit=admit)


@transaction.atomic
def reopen_review(application: Application, *, actor: Any, reason: str) -> None:
    """Take a finished review up again; raises GateShut once the list with this person went to the commission."""
    from .admission import on_a_list

    if application.tracks.filter(on_a_list()).exists():
        require_open([Blocker("Список с этим заявлением уже передан комиссии: проверку не возобновить.")])
    if application.tracks.exclude(state__in=[TrackState.PENDING, TrackState.WITHDRAWN]).exists():
        require_open([Blocker("Решение о допуске уже принято: проверку не возобновить.")])
    APPLICATION.apply(application, "reopen_review", actor=actor, reason=reason)
    _store_proposal(application, None, None, "")
    reopen_deadlines(application, closes=("application.reviewed",))
    record_event("candidates.reopen_review", application, actor=actor, person=application.user, reason=reason)


def refusal_blockers(application: Application) -> list[Blocker]:
    """What keeps a package from being refused as incomplete: nothing is missing, or the lack is excused (O3.8)."""
    if is_excused(application):
        text = "Причина, по которой документов нет, признана уважительной: отказать нельзя."
        return [Blocker(text)]
    if not lacks_of(application):
        text = (
            "Все обязательные документы приложены, и ни один не отклонён: отказать из-за неполного пакета нельзя. "
            "Если документ не годится, сначала вынесите решение по нему."
        )
        return [Blocker(text)]
    return []


@transaction.atomic
def refuse_application(application: Application, *, actor: Any, ground: Ground, words: str) -> None:
    """Refuse an incomplete package with its reasons: notice (PDF) and letter (O3.8).

    Raises GateShut for another ground, without words, and for a package that lacks nothing.
    """
    require_state(application, REVIEWING)
    blockers = []
    if ground.kind != GroundKind.INCOMPLETE or ground.edition_id != application.campaign.edition_id:
        blockers.append(Blocker("Этого основания нет в перечне порядка.", field="ground"))
    if not words.strip():
        blockers.append(Blocker("Напишите, каких документов не хватает.", field="words"))
    require_open(blockers + refusal_blockers(application))
    APPLICATION.apply(application, "refuse", actor=actor, reason=f"{ground}. {words.strip()}")
    _store_proposal(application, False, ground, words.strip())
    _completeness_checked(application)
    cancel_deadlines(application, closes=("application.reviewed", "correction.done"))
    issue_notice(application, actor=actor)
    send_letter(
        "candidates.refused",
        to=application.user,
        key=f"candidates.refused:{application.pk}:{_times(application, 'refuse')}",
        values={
            "number": application.registration.text,
            "ground": ground_in_words(ground),
            "words": words.strip(),
            "campaign": application.campaign.name,
            "path": reverse("candidates:application", args=[application.pk]),
        },
        about=application,
    )
    record_event("candidates.refuse_application", application, actor=actor, person=application.user)


@transaction.atomic
def undo_refusal(application: Application, *, actor: Any, reason: str) -> None:
    """Take a refusal back with a reason; the limit of the review runs on from the registration; letter."""
    APPLICATION.apply(application, "undo_refusal", actor=actor, reason=reason)
    _store_proposal(application, None, None, "")
    reopen_deadlines(application, closes=("application.reviewed",))
    send_letter(
        "candidates.refusal_undone",
        to=application.user,
        key=f"candidates.refusal_undone:{application.pk}:{_times(application, 'undo_refusal')}",
        values={"number": application.registration.text, "reason": reason.strip()},
        about=application,
    )
    record_event("candidates.undo_refusal", application, actor=actor, person=application.user, reason=reason)


def issue_notice(application: Application, *, actor: Any) -> Any:
    """Issue the notice (PDF) about the state of a registered application: registered, refused, admitted or not."""
    from ..intake_papers import notice_context

    return issue_paper(
        "candidates.notice", application, notice_context(application), actor=actor, person=application.user
    )


def _keep_verdict(item: PackageItem, actor: Any, files: list[PackageFile]) -> None:
    """The history of verdicts: what was said about which files."""
    ItemVerdict.objects.create(
        item=item,
        verdict=item.verdict,
        ground=item.ground,
        words=item.words,
        files=[file.original_name for file in files],
        reviewed_by=actor,
        reviewed_at=item.reviewed_at or clock.now(),
    )


def _verdict_blockers(
    item: PackageItem, verdict: str, ground: Ground | None, words: str, files: list[PackageFile]
) -> list[Blocker]:
    blockers = []
    if verdict not in (Verdict.ACCEPTED, Verdict.CORRECT, Verdict.REFUSED, Verdict.EXCUSED):
        blockers.append(Blocker("Выберите решение по документу.", field="verdict"))
    if ground is not None and (
        ground.kind != GroundKind.CORRECTION or ground.edition_id != item.application.campaign.edition_id
    ):
        blockers.append(Blocker("Этой причины нет в перечне порядка.", field="ground"))
    if verdict == Verdict.ACCEPTED and not files:
        blockers.append(Blocker("Файла нет: принять нечего.", field="verdict"))
    if verdict == Verdict.ACCEPTED and any(file.scan == ScanState.WAITING for file in files):
        blockers.append(Blocker("Файлы ещё проверяются на вирусы: прочитать их нельзя.", field="verdict"))
    if verdict == Verdict.CORRECT and ground is None:
        blockers.append(Blocker("Выберите причину, по которой документ нужно исправить.", field="ground"))
    if verdict == Verdict.EXCUSED and not excuse_is_open(item):
        words_of_gate = (
            "Уважительную причину принимают, когда обязательного документа нет и порядок её допускает."
        )
        blockers.append(Blocker(words_of_gate, field="verdict"))
    if verdict == Verdict.EXCUSED and not words:
        blockers.append(Blocker("Напишите уважительную причину.", field="words"))
    if verdict == Verdict.REFUSED and not words:
        blockers.append(Blocker("Напишите, почему документ не принят.", field="words"))
    return blockers


def _pending(application: Application) -> list[PackageItem]:
    """Documents that still want a verdict: those with a file, and the required ones without."""
    present = PackageFile.objects.filter(item=OuterRef("pk"), removed_at=None)
    items = (
        application.items.filter(verdict=Verdict.PENDING)
        .select_related("document_type")
        .annotate(has_file=Exists(present))
    )
    return [
        item for item in items if item.has_file or item.document_type.is_required_for(application.nominations)
    ]


def required_unchecked(application: Application) -> list[PackageItem]:
    """Required documents that still want a verdict; with the last of them completeness is checked (O3.8)."""
    return [
        item for item in _pending(application) if item.document_type.is_required_for(application.nominations)
    ]


def _anything_pending(application: Application) -> bool:
    """As `_pending`; the documents with a file are asked first, for nearly always one of them waits."""
    present = PackageFile.objects.filter(item__application=application, removed_at=None)
    return present.filter(item__verdict=Verdict.PENDING).exists() or bool(_pending(application))


def _unchecked(application: Application) -> list[Blocker]:
    return [Blocker(f"Документ «{item.document_type}» ещё не проверен.") for item in _pending(application)]


def _completeness_checked(application: Application) -> None:
    event_happened(
        "application.completeness_checked",
        application,
        edition=application.campaign.edition,
        on=clock.today(),
    )


def _store_proposal(application: Application, admit: bool | None, ground: Ground | None, words: str) -> None:
    application.proposal_admit, application.proposal_ground, application.proposal_words = admit, ground, words
    application.save(update_fields=["proposal_admit", "proposal_ground", "proposal_words"])


def _ground_words(ground: Ground | None, words: str) -> str:
    return ". ".join(part for part in (str(ground) if ground else "", words) if part)


def _about(application: Application) -> str:
    return f"{application.user}, {application.registration}"


def _times(application: Application, transition: str) -> int:
    """How many times this transition has happened: part of a letter's key, so that each time has its own letter."""
    from django.contrib.contenttypes.models import ContentType

    content_type = ContentType.objects.get_for_model(Application)
    return TransitionLog.objects.filter(
        content_type=content_type, object_id=application.pk, transition=transition
    ).count()
