"""Unfinished applications are reminded of in time, once each, and nobody else is."""

from datetime import datetime, timedelta

import pytest

from candidates.enums import CampaignState
from candidates.models import Application, Campaign
from candidates.services import applications as services
from candidates.services import campaigns
from candidates.services.reminders import remind_drafts
from reserve_portal.core import clock
from reserve_portal.core.tests.calendars import load_calendar_quickly
from reserve_portal.notifications.models import Letter

from .applying import CLOSES, INSIDE, campaign, complete_draft, draft, person, submitted

pytestmark = pytest.mark.django_db
# The window of `applying` ends on 3 April 2026, 23:59:59 in Tomsk.
MORNING = "02:30:00+00:00"  # 9:30 there


@pytest.fixture(autouse=True)
def inside_the_window(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    load_calendar_quickly()
    with clock.travel(INSIDE):
        yield


def on(day, time=MORNING):
    return clock.travel(datetime.fromisoformat(f"2026-{day}T{time}"))


def reminders():
    return list(Letter.objects.filter(kind="application.reminder").order_by("pk"))


def test_a_draft_is_reminded_of_seven_three_and_one_days_before_the_end_once_each():
    """process.md 10."""
    draft()
    written = {}
    for day in range(20, 32):
        for _ in range(2):
            with on(f"03-{day}"):
                written[f"03-{day}"] = written.get(f"03-{day}", 0) + remind_drafts()
    for day in ("04-01", "04-02", "04-03"):
        with on(day):
            written[day] = remind_drafts()
    assert {day for day, count in written.items() if count} == {"03-27", "03-31", "04-02"}
    assert len(reminders()) == sum(written.values()) == 3
    first, _second, last = reminders()
    assert "НЕ ПОДАНО" in first.subject_line and "осталось 7 дней" in first.subject_line
    assert "03.04.2026 в 23:59" in first.body and "— Укажите дату рождения." in first.body
    assert "остался 1 день" in last.body


def test_a_late_run_still_reminds_with_the_days_that_are_left():
    draft()
    with on("03-29"):
        assert remind_drafts() == 1
    assert "осталось 5 дней" in reminders()[0].body


def test_before_nine_in_the_morning_nobody_is_woken():
    draft()
    with on("03-27", "01:59:00+00:00"):
        assert remind_drafts() == 0
    with on("03-27", "02:00:00+00:00"):
        assert remind_drafts() == 1


def test_a_draft_that_lacks_nothing_is_told_so():
    complete_draft()
    with on("04-02"):
        remind_drafts()
    assert "осталось подать" in reminders()[0].body


def test_a_draft_begun_after_the_day_of_a_reminder_waits_for_the_next_one():
    with on("03-28"):
        draft()
        assert remind_drafts() == 0
    with on("03-31"):
        assert remind_drafts() == 1


@pytest.mark.parametrize("state", [CampaignState.CLOSED, CampaignState.PLANNED, CampaignState.FINISHED])
def test_only_a_window_that_is_open_is_worth_a_reminder(state):
    draft()
    Campaign.objects.update(state=state)
    with on("04-02"):
        assert remind_drafts() == 0


def test_who_has_submitted_is_left_alone_with_the_other_draft():
    """Drafts of people who have already submitted do not count."""
    application = submitted()
    beside = campaign(name="Второе окно")
    services.start_application(application.user, campaign=beside)
    with on("04-02"):
        assert remind_drafts() == 0
    services.withdraw_application(application, actor=application.user)
    with on("04-02"):
        assert remind_drafts() == 1


def test_what_was_submitted_in_an_earlier_window_keeps_no_reminder_back():
    application = submitted()
    later = campaign(name="Следующее окно", closes_at=CLOSES + timedelta(days=30))
    with clock.travel(CLOSES + timedelta(days=1)):
        services.start_application(application.user, campaign=later)
    with on("05-02"):
        assert remind_drafts() == 1


def test_a_personal_term_counts_in_place_of_the_window():
    application = draft()
    operator = person("op@demo.example", ("operator",))
    Campaign.objects.update(state=CampaignState.CLOSED)
    services.open_late_window(application, until=CLOSES + timedelta(days=5), reason="Болезнь", actor=operator)
    with on("04-05"):
        assert remind_drafts() == 1
    assert "08.04.2026" in reminders()[0].body


def test_a_moved_window_is_told_at_every_move_and_reminded_of_anew():
    application = draft()
    intake, operator = application.campaign, person("op@demo.example", ("operator",))
    for step, closes in enumerate((CLOSES + timedelta(days=7), CLOSES, CLOSES + timedelta(days=7))):
        with clock.travel(INSIDE + timedelta(hours=step)):
            campaigns.change_window(intake, opens_at=intake.opens_at, closes_at=closes, actor=operator)
            campaigns.change_window(intake, opens_at=intake.opens_at, closes_at=closes, actor=operator)
    assert Letter.objects.filter(kind="candidates.window_changed").count() == 3
    with on("04-03"):
        assert remind_drafts() == 1
    assert "10.04.2026" in reminders()[0].body


def test_who_has_submitted_hears_nothing_of_a_moved_window():
    application = submitted()
    intake, operator = application.campaign, person("op@demo.example", ("operator",))
    services.start_application(application.user, campaign=campaign(name="Второе окно"))
    second = Application.objects.exclude(pk=application.pk).get().campaign
    for row in (intake, second):
        campaigns.change_window(
            row, opens_at=row.opens_at, closes_at=CLOSES + timedelta(days=1), actor=operator
        )
    assert not Letter.objects.filter(kind="candidates.window_changed").exists()
