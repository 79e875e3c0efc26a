"""Periodic tasks call one service each and may run twice without harm (architecture.md, rule 8)."""

from datetime import date

import pytest
from celery import current_app
from django.conf import settings

from reserve_portal.accounts.tests.factories import person_with
from reserve_portal.audit.models import AuditEvent
from reserve_portal.audit.services import record_event
from reserve_portal.audit.tasks import seal_events
from reserve_portal.core.tasks import sweep_jobs
from reserve_portal.notifications.enums import LetterState
from reserve_portal.notifications.models import Letter
from reserve_portal.notifications.tasks import send_digests, sweep_letters
from reserve_portal.notifications.tests.factories import LetterFactory
from reserve_portal.regulations.tests.factories import DeadlineFactory


def test_every_periodic_task_is_registered():
    """A misspelt name would run nothing, silently."""
    current_app.loader.import_default_modules()
    names = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert names <= set(current_app.tasks)


@pytest.mark.parametrize("times", [1, 2])
def test_the_machinerys_tasks_do_their_work_once(tomsk, travel, times):
    """As the background process runs them: letters leave, limits are told, the trail is sealed."""
    person_with("operator")
    LetterFactory()
    DeadlineFactory(due_on=date(2026, 9, 2))
    record_event("tests.deed", None, actor=None)
    with travel(date(2026, 9, 2)):
        for _ in range(times):
            for task in (send_digests, sweep_letters, seal_events, sweep_jobs):
                assert task.apply().successful()
    assert set(Letter.objects.values_list("state", "attempts")) == {(LetterState.SENT, 1)}
    assert Letter.objects.count() == 2
    assert not AuditEvent.objects.filter(batch=None).exists()
