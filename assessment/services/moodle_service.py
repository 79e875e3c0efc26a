"""Results fetched from Moodle's web service by a job; they take the same way as an uploaded file (process.md 6)."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from assessment.models import ImportDraft, MoodleService, Procedure
from assessment.moodle.client import MoodleClient, MoodleError, address_problem
from assessment.moodle.web import fetch_gradebook, fetch_quiz
from assessment.services.imports import keep_draft
from assessment.services.preview import platform_blockers
from assessment.services.results import result_blockers
from reserve_portal.accounts.models import User
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.enums import JobState
from reserve_portal.core.gates import Blocker, GateShut, require_open
from reserve_portal.core.jobs import enqueue_job, report_progress
from reserve_portal.core.models import Job

KIND = "assessment.fetch_moodle"
RUNNING = (JobState.QUEUED, JobState.RUNNING)


def service_of(procedure: Procedure) -> MoodleService | None:
    """The service of a procedure, or None where none is told."""
    return MoodleService.objects.filter(procedure=procedure).first()


@transaction.atomic
def set_moodle_service(
    procedure: Procedure, *, address: str, course: int, token: str = "", quiz: str = "", actor: Any
) -> MoodleService:
    """Tell where the results are fetched from; without a `token` the one already there stays.

    Another site needs its own token: the old one is never sent to a new address. Raises GateShut.
    """
    row = MoodleService.objects.select_for_update().filter(procedure=procedure).first()
    address, token = address.strip().rstrip("/"), token.strip()
    blockers = []
    problem = address_problem(address, settings.MOODLE_TRUSTED_HOSTS)
    if problem:
        blockers.append(Blocker(problem, field="address"))
    if not token and (row is None or row.address != address):
        blockers.append(Blocker("Укажите токен: прежний относится к другому адресу.", field="token"))
    require_open(blockers)
    row = row or MoodleService(procedure=procedure)
    row.address, row.course, row.quiz = address, course, quiz.strip()
    row.token = token or row.token
    row.changed_by, row.changed_at = actor, clock.now()
    row.save()
    record_event(
        "assessment.set_moodle_service", procedure, actor=actor, address=address, course=course, quiz=row.quiz
    )
    return row


def fetch_blockers(procedure: Procedure) -> list[Blocker]:
    """What keeps results from being fetched now."""
    blockers = result_blockers(procedure) + platform_blockers(procedure)
    if service_of(procedure) is None:
        blockers.append(Blocker("Сначала укажите адрес Moodle, курс и токен."))
    last = last_fetch(procedure)
    if last is not None and last.state in RUNNING:
        blockers.append(Blocker("Результаты уже запрашиваются: дождитесь конца."))
    return blockers


def last_fetch(procedure: Procedure) -> Job | None:
    """The newest job that fetched, or fetches, the results of a procedure."""
    return Job.objects.filter(kind=KIND, params__procedure=procedure.pk).order_by("-pk").first()


@transaction.atomic
def ask_for_results(procedure: Procedure, *, actor: Any) -> Job:
    """Have the results fetched by a job; they are laid up as a file for the preview. Raises GateShut."""
    row = Procedure.objects.select_for_update().get(pk=procedure.pk)
    require_open(fetch_blockers(row))
    record_event("assessment.ask_for_results", row, actor=actor)
    return enqueue_job(
        KIND,
        key=f"{KIND}:{row.pk}:{clock.true_now():%Y%m%d%H%M%S%f}",
        title=f"Результаты из Moodle: {row}"[:200],
        params={"procedure": row.pk, "actor": actor.pk},
        actor=actor,
    )


def fetch_results(job: Job) -> dict[str, Any]:
    """The job: returns the laid-up file's {"draft": id}, or {"problem": sentence} for what a person has to mend.

    Run again, it lays up nothing twice.
    """
    kept = ImportDraft.objects.filter(job=job).first()
    if kept is not None:
        return {"draft": kept.pk}
    procedure = Procedure.objects.get(pk=job.params["procedure"])
    service = service_of(procedure)
    if service is None:
        return {"problem": "Веб-служба Moodle больше не указана."}
    try:
        data = _fetch(service, job)
        name = f"Moodle, курс {service.course}, {timezone.localtime(clock.now()):%d.%m.%Y %H-%M}.csv"
        actor = User.objects.get(pk=job.params["actor"])
        draft = keep_draft(procedure, name=name, data=data, actor=actor, job=job)
    except MoodleError as error:
        return {"problem": error.message}
    except GateShut as shut:
        return {"problem": " ".join(item.text for item in shut.blockers)}
    return {"draft": draft.pk}


def _fetch(service: MoodleService, job: Job) -> bytes:
    client = MoodleClient(service.address, service.token, tuple(settings.MOODLE_TRUSTED_HOSTS))

    def tell(done: int, total: int) -> None:
        report_progress(job, done, total)

    if service.quiz:
        return fetch_quiz(client, service.course, service.quiz, tell, timezone.get_current_timezone())
    return fetch_gradebook(client, service.course, tell)
