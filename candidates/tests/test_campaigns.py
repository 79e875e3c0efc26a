"""Campaigns: the window, the calendar, the freezing of the edition."""

from datetime import timedelta

import pytest

from candidates.enums import CampaignState
from candidates.models import Campaign
from candidates.services import campaigns
from candidates.tests.intake_data import (
    make_campaign,
    make_edition,
    make_operator,
    make_person,
    moment,
)
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.models import CalendarYear
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.notifications.models import Letter
from reserve_portal.regulations.services import copy_edition

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def spring():
    with clock.travel(moment(2026, 4, 20)):
        yield


@pytest.fixture
def edition():
    return make_edition()


@pytest.fixture
def operator():
    return make_operator()


def test_opening_freezes_the_edition(edition, operator):
    """An edition is frozen once a campaign has opened under it (process.md 2)."""
    campaign = make_campaign(operator, edition, is_open=False)
    assert not edition.is_frozen
    campaigns.open_campaign(campaign, actor=operator)
    edition.refresh_from_db()
    assert edition.is_frozen
    assert campaign.state == CampaignState.OPEN


def test_campaign_does_not_open_without_the_calendar_of_its_years(edition, operator):
    """A year without a loaded calendar shuts the gate and is named (house rule 6)."""
    CalendarYear.objects.filter(year=2027).delete()
    campaign = make_campaign(
        operator, edition, is_open=False, opens_at=moment(2026, 11, 1), closes_at=moment(2026, 12, 10)
    )
    with pytest.raises(GateShut, match="2027"):
        campaigns.open_campaign(campaign, actor=operator)
    campaign.refresh_from_db()
    edition.refresh_from_db()
    assert campaign.state == CampaignState.PLANNED
    assert not edition.is_frozen


def test_campaign_opens_only_under_the_edition_in_force(edition, operator):
    other = copy_edition(edition, code="other", name="Другая", actor=operator)
    campaign = make_campaign(operator, other, is_open=False)
    with pytest.raises(GateShut, match="не действует"):
        campaigns.open_campaign(campaign, actor=operator)


def test_window_running_backwards_or_past_is_refused(edition, operator):
    for opens_at, closes_at in (
        (moment(2026, 5, 2), moment(2026, 5, 1)),
        (moment(2026, 3, 1), moment(2026, 4, 1)),
    ):
        with pytest.raises(GateShut):
            campaigns.create_campaign(
                edition=edition, name="Весна", opens_at=opens_at, closes_at=closes_at, actor=operator
            )
    assert not Campaign.objects.exists()


def test_name_is_taken_once(edition, operator):
    make_campaign(operator, edition, name="Весна")
    with pytest.raises(GateShut, match="уже есть"):
        make_campaign(operator, edition, name="Весна")


def test_last_moment_is_in_time_and_the_next_is_late(edition, operator):
    """Civil Code 194: until 24:00 of the last day."""
    end = clock.end_of(moment(2026, 5, 24).date())
    campaign = make_campaign(operator, edition, opens_at=moment(2026, 4, 1), closes_at=end)
    with clock.travel(end):
        assert campaign.is_receiving
        assert campaigns.follow_windows() == 0
    with clock.travel(end + timedelta(microseconds=1)):
        assert not campaign.is_receiving
        assert campaigns.follow_windows() == 1
        assert campaigns.follow_windows() == 0
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.CLOSED


def test_campaign_is_not_closed_before_its_window_ends(edition, operator):
    campaign = make_campaign(operator, edition)
    with pytest.raises(GateShut, match="измените окно"):
        campaigns.close_campaign(campaign, actor=operator)


def test_longer_window_reopens_a_closed_campaign_and_tells_drafts(edition, operator):
    """Window extended: a letter to everyone whose application is a draft (process.md 10)."""
    campaign = make_campaign(operator, edition, opens_at=moment(2026, 4, 1), closes_at=moment(2026, 4, 30))
    draft = campaign.applications.create(user=make_person(), nominations=[])
    with clock.travel(moment(2026, 5, 2)):
        campaigns.follow_windows()
        campaign.refresh_from_db()
        campaigns.change_window(
            campaign, opens_at=campaign.opens_at, closes_at=moment(2026, 5, 20), actor=operator
        )
        assert campaign.is_receiving
    letter = Letter.objects.get(kind="candidates.window_changed")
    assert letter.to == draft.user
    assert "НЕ ПОДАНО" in letter.body


def test_beginning_does_not_move_once_it_came(edition, operator):
    campaign = make_campaign(operator, edition)
    with pytest.raises(GateShut, match="начало окна не меняют"):
        campaigns.change_window(
            campaign, opens_at=moment(2026, 4, 25), closes_at=campaign.closes_at, actor=operator
        )


def test_finished_campaign_stays_finished(edition, operator):
    campaign = make_campaign(operator, edition, closes_at=moment(2026, 4, 21))
    with clock.travel(moment(2026, 4, 22)):
        campaigns.follow_windows()
        campaign.refresh_from_db()
        campaigns.finish_campaign(campaign, actor=operator)
        with pytest.raises(GateShut, match="завершён"):
            campaigns.change_window(
                campaign, opens_at=campaign.opens_at, closes_at=moment(2026, 6, 1), actor=operator
            )
        with pytest.raises(TransitionRefused):
            campaigns.close_campaign(campaign, actor=operator)


def test_following_windows_without_an_edition_does_nothing():
    assert campaigns.follow_windows() == 0
