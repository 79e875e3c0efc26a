"""Long work as rows: claimed with a lease, run as a subprocess, done once (architecture.md, "Background work")."""

import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from reserve_portal.accounts.tests.factories import UserFactory
from reserve_portal.core import jobs
from reserve_portal.core.enums import JobState
from reserve_portal.core.jobs import (
    claim_job,
    due_jobs,
    enqueue_job,
    job,
    job_functions,
    run_job,
    start_due_jobs,
)
from reserve_portal.core.models import Job
from reserve_portal.core.tests.factories import JobFactory
from reserve_portal.core.tests.processes import SETTINGS, portal_process, wait_until
from reserve_portal.core.tests.threads import at_once

HOUR = timedelta(hours=1)
CLAIMED_FOR = 30  # seconds: a new process may need many to start on a busy machine


@pytest.fixture
def work():
    """A kind of job whose behaviour a test may set: work.does = function."""

    class Work:
        does = staticmethod(lambda row: {"ok": True})

    job("tests.work")(lambda row: Work.does(row))
    yield Work
    job_functions._plugs.pop("tests.work")


def _true_now():
    return timezone.now()  # noqa: TID251


def _pause_over(row):
    Job.objects.filter(pk=row.pk).update(lease_until=_true_now() - HOUR)


@pytest.mark.django_db
def test_a_job_is_stored_once_per_key():
    """Pressing the button twice makes one job."""
    actor = UserFactory()
    first = enqueue_job("tests.work", key="registry:1", title="Реестр", params={"n": 1}, actor=actor)
    second = enqueue_job("tests.work", key="registry:1", title="Реестр", params={"n": 2}, actor=actor)
    assert first == second and Job.objects.get().params == {"n": 1}


@pytest.mark.django_db
def test_a_job_of_a_rolled_back_transaction_does_not_exist():
    """The row belongs to the transaction that causes it."""
    with pytest.raises(RuntimeError), transaction.atomic():
        enqueue_job("tests.work", key="a", title="Реестр", params={}, actor=None)
        raise RuntimeError
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_a_job_is_claimed_once():
    """While the lease runs nobody else gets the job."""
    row = JobFactory()
    assert claim_job(row.pk)
    assert claim_job(row.pk) is None
    assert not due_jobs().exists()


@pytest.mark.django_db
def test_a_claimed_job_runs_to_its_end(work):
    """The result, the full progress and the time are stored."""
    row = JobFactory(total=40, done=3)
    work.does = lambda row: {"file": f"registry-{row.pk}.pdf"}
    run_job(row.pk, claim_job(row.pk))
    row.refresh_from_db()
    assert (row.state, row.result, row.error) == (JobState.DONE, {"file": f"registry-{row.pk}.pdf"}, "")
    assert row.percent == 100 and row.finished_at and row.attempts == 1
    assert not due_jobs().exists()


@pytest.mark.django_db
def test_progress_is_seen_while_the_job_runs(work):
    """The page's progress bar reads the row."""
    seen = []

    def does(row):
        jobs.report_progress(row, 3, 12)
        seen.append(Job.objects.get(pk=row.pk).percent)
        return {}

    work.does = does
    row = JobFactory()
    assert row.percent == 0
    run_job(row.pk, claim_job(row.pk))
    assert seen == [25]


@pytest.mark.django_db
def test_a_failing_job_pauses_longer_each_time_and_ends_as_a_dead_letter(work):
    """Failed ones back off, then rest where an operator sees them with the error."""

    def does(row):
        raise ValueError("нет файла")

    work.does = does
    row = JobFactory()
    pauses = []
    for _ in range(jobs.MAX_ATTEMPTS):
        run_job(row.pk, claim_job(row.pk))
        row.refresh_from_db()
        assert row.error == "ValueError: нет файла"
        if row.state == JobState.QUEUED:
            assert claim_job(row.pk) is None
            pauses.append(round((row.lease_until - _true_now()).total_seconds()))
            _pause_over(row)
    assert pauses == [5, 10, 20, 40]
    assert row.state == JobState.FAILED and row.finished_at
    assert not due_jobs().exists()


@pytest.mark.django_db
def test_a_failed_job_asked_for_again_is_tried_anew(work):
    """The operator presses the button again: the same row, from the start."""
    failed = JobFactory(
        key="k", state=JobState.FAILED, attempts=5, error="нет файла", finished_at=_true_now()
    )
    row = enqueue_job("tests.work", key="k", title="Реестр", params={}, actor=None)
    assert (row.pk, row.state, row.attempts, row.error) == (failed.pk, JobState.QUEUED, 0, "")
    run_job(row.pk, claim_job(row.pk))
    row.refresh_from_db()
    assert row.state == JobState.DONE


@pytest.mark.django_db
def test_a_job_of_an_unknown_kind_is_a_failure_that_the_operator_reads():
    """A kind that was removed from the code does not stop the others."""
    row = JobFactory(kind="tests.gone")
    run_job(row.pk, claim_job(row.pk))
    row.refresh_from_db()
    assert "«tests.gone» is not registered" in row.error


@pytest.mark.django_db
def test_a_lost_runners_job_is_due_after_its_lease():
    """A killed process is found by its lease."""
    row = JobFactory()
    claim_job(row.pk)
    assert not due_jobs().exists()
    _pause_over(row)
    assert claim_job(row.pk)
    row.refresh_from_db()
    assert row.attempts == 2


@pytest.mark.django_db
def test_a_job_that_kills_each_of_its_processes_is_given_up():
    """One that eats all memory must not go round forever."""
    row = JobFactory(state=JobState.RUNNING, attempts=jobs.MAX_ATTEMPTS, lease_until=_true_now() - HOUR)
    assert claim_job(row.pk) is None
    row.refresh_from_db()
    assert row.state == JobState.FAILED and "прерывался" in row.error


@pytest.mark.django_db
def test_a_runner_that_lost_its_lease_does_not_begin(work):
    """It started so late that another has the job by now."""
    begun = []
    work.does = lambda row: begun.append(row.pk) or {}
    row = JobFactory()
    late = claim_job(row.pk)
    _pause_over(row)
    claim_job(row.pk)
    run_job(row.pk, late)
    assert begun == []


@pytest.mark.django_db
def test_a_runner_that_lost_its_lease_stores_no_outcome(work):
    """Two outcomes of one job would contradict each other."""
    row = JobFactory()

    def does(row):
        Job.objects.filter(pk=row.pk).update(lease_token="another")
        return {"by": "late"}

    work.does = does
    run_job(row.pk, claim_job(row.pk))
    row.refresh_from_db()
    assert (row.state, row.result) == (JobState.RUNNING, {})


@pytest.mark.django_db
def test_moving_the_portals_clock_ends_no_lease(travel):
    """Leases run on the true clock: walking a year in a browser must not start a second runner."""
    row = JobFactory()
    claim_job(row.pk)
    with travel(timezone.now() + timedelta(days=400)):  # noqa: TID251
        assert not due_jobs().exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_runners_claim_each_job_once():
    """Any number of workers sweep at once."""
    rows = [JobFactory() for _ in range(12)]
    outcome = at_once([lambda: [claim_job(row.pk) for row in rows]] * 6)
    for claims in zip(*outcome, strict=True):
        assert len([token for token in claims if token]) == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_store_one_job():
    """The unique key decides, not the order of arrival."""
    outcome = at_once(
        [lambda: enqueue_job("tests.work", key="k", title="Реестр", params={}, actor=None).pk] * 6
    )
    assert len(set(outcome)) == 1 and Job.objects.count() == 1


# --- real processes -----------------------------------------------------------------------------------------------


@pytest.fixture
def job_environment(own_database, tmp_path, monkeypatch):
    """Processes started from here use this test's database, know the test's job and lose a lease within a second."""
    environment = {
        "DATABASE_URL": own_database,
        "REDIS_URL": "",
        "DJANGO_SETTINGS_MODULE": SETTINGS,
        "JOB_LEASE_SECONDS": "1",
        "DATA_DIR": str(tmp_path),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return environment


def _lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def _slow_job(folder: Path, key: str = "slow") -> Job:
    return enqueue_job(
        "tests.slow", key=key, title="Долгое задание", params={"folder": str(folder)}, actor=None
    )


def test_a_job_killed_in_the_middle_is_done_once(job_environment, tmp_path, settings):
    """`kill -9` on the working process: the row says «выполняется» until the lease is over, then it is done, once."""
    settings.JOB_LEASE_SECONDS = CLAIMED_FOR
    row = _slow_job(tmp_path)
    assert start_due_jobs() == 1
    wait_until(lambda: _lines(tmp_path / "begun"))
    claimed = Job.objects.get(pk=row.pk).lease_until
    wait_until(
        lambda: Job.objects.get(pk=row.pk).lease_until != claimed
    )  # from now on it is the process's own
    os.kill(int(_lines(tmp_path / "begun")[0]), signal.SIGKILL)
    assert Job.objects.get(pk=row.pk).state == JobState.RUNNING
    (tmp_path / "go").touch()
    wait_until(lambda: start_due_jobs() == 1)
    wait_until(lambda: Job.objects.get(pk=row.pk).state == JobState.DONE)
    row.refresh_from_db()
    assert row.attempts == 2
    begun, finished = _lines(tmp_path / "begun"), _lines(tmp_path / "finished")
    assert len(begun) == 2 and finished == begun[1:] and row.result == {"by": int(finished[0])}
    assert start_due_jobs() == 0


def test_a_living_job_keeps_its_lease(job_environment, tmp_path, settings):
    """A job longer than its lease is not started a second time."""
    settings.JOB_LEASE_SECONDS = CLAIMED_FOR
    row = _slow_job(tmp_path)
    start_due_jobs()
    wait_until(lambda: _lines(tmp_path / "begun"))
    first = Job.objects.get(pk=row.pk).lease_until
    wait_until(lambda: Job.objects.get(pk=row.pk).lease_until != first)
    late = _true_now() + timedelta(seconds=2.5)
    wait_until(lambda: _true_now() > late)
    assert start_due_jobs() == 0
    (tmp_path / "go").touch()
    wait_until(lambda: Job.objects.get(pk=row.pk).state == JobState.DONE)
    assert len(_lines(tmp_path / "begun")) == 1


def test_only_so_many_jobs_run_at_a_time(job_environment, tmp_path, settings):
    """The others wait for their turn: the machine also serves people."""
    settings.JOB_LEASE_SECONDS = CLAIMED_FOR
    rows = [_slow_job(tmp_path, key=f"slow:{n}") for n in range(jobs.MAX_RUNNING + 1)]
    assert start_due_jobs() == jobs.MAX_RUNNING
    assert start_due_jobs() == 0
    (tmp_path / "go").touch()
    wait_until(lambda: start_due_jobs() == 1)
    wait_until(lambda: Job.objects.filter(state=JobState.DONE).count() == len(rows))


def test_a_long_job_holds_back_no_letter(job_environment, tmp_path):
    """In the embedded way one process sweeps letters and jobs; a job of half a minute must not stop letters."""
    from reserve_portal.notifications.enums import LetterState
    from reserve_portal.notifications.models import Letter
    from reserve_portal.notifications.services import store_letter

    row = _slow_job(tmp_path)
    beat = ["-m", "celery", "-A", "reserve_portal", "beat", "--pidfile="]
    with portal_process(
        beat, {**job_environment, "JOB_LEASE_SECONDS": str(CLAIMED_FOR)}, tmp_path / "beat.log"
    ):
        wait_until(lambda: _lines(tmp_path / "begun"))
        store_letter("tests", to=None, address="a@example.org", key="k", subject_line="Тема", body="Текст")
        wait_until(lambda: Letter.objects.get().state == LetterState.SENT)
        assert Job.objects.get(pk=row.pk).state == JobState.RUNNING
        (tmp_path / "go").touch()
        wait_until(lambda: Job.objects.get(pk=row.pk).state == JobState.DONE)


@pytest.mark.postgres
def test_the_background_process_outlives_a_restart_of_the_database(job_environment, tmp_path):
    """Its connection is cut; the next sweep begins with a new one."""
    (tmp_path / "go").touch()
    beat = ["-m", "celery", "-A", "reserve_portal", "beat", "--pidfile="]
    environment = {**job_environment, "JOB_LEASE_SECONDS": str(CLAIMED_FOR)}
    with portal_process(beat, environment, tmp_path / "beat.log"):
        first = _slow_job(tmp_path, key="first")
        wait_until(lambda: Job.objects.get(pk=first.pk).state == JobState.DONE)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        second = _slow_job(tmp_path, key="second")
        wait_until(lambda: Job.objects.get(pk=second.pk).state == JobState.DONE)


def test_the_settings_of_started_processes_are_the_portals_own():
    """The tests' processes differ in speed and one kind of job alone."""
    from reserve_portal.core.tests import process_settings

    assert set(process_settings.INSTALLED_APPS) - set(settings.INSTALLED_APPS) == {
        "reserve_portal.core.tests.jobs_app"
    }
