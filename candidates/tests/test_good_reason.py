"""A package may lack a document for a good reason that the operator accepts (O3.8); the campaign's quota (O3.1)."""

from datetime import date

import pytest
from django.urls import reverse

from candidates.enums import CampaignState, Verdict
from candidates.models import Campaign
from candidates.services import campaigns, intake
from candidates.services.review import review_blockers
from candidates.tests.intake_data import (
    ground_of,
    make_campaign,
    make_edition,
    make_operator,
    make_registered,
    moment,
)
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.regulations.models import Deadline

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with clock.travel(moment(2026, 4, 20)):
        yield


@pytest.fixture
def edition():
    return make_edition("orenburg")


@pytest.fixture
def operator():
    return make_operator()


@pytest.fixture
def campaign(edition, operator):
    return make_campaign(operator, edition)


@pytest.fixture
def application(campaign, operator):
    """Registered, without the employer's reference."""
    row = make_registered(campaign, operator)
    row.items.get(document_type__code="reference").files.update(removed_at=clock.now())
    return row


def excuse(application, operator, code="reference", words="Работодатель болен, отзыв будет позже."):
    item = application.items.get(document_type__code=code)
    intake.review_item(item, verdict=Verdict.EXCUSED, actor=operator, words=words)


def limit_of(application):
    return Deadline.objects.about(application).get(limit__closes="application.completeness_checked")


def test_an_accepted_reason_ends_the_limit_and_the_refusal(application, operator, campaign):
    """O3.8: limit 3 is kept, refusal for incompleteness is no longer possible, the review goes on."""
    assert limit_of(application).due_on == date(2026, 4, 27)
    excuse(application, operator)
    assert limit_of(application).closed_on == date(2026, 4, 20)
    with pytest.raises(GateShut, match="уважительной"):
        intake.refuse_application(
            application, actor=operator, ground=ground_of(campaign, "incomplete"), words="Нет отзыва"
        )


def test_an_excused_document_does_not_stand_against_admission(application, operator):
    """O3.8: the proposal to admit is open, as far as documents go."""
    excuse(application, operator)
    for item in application.items.filter(verdict=Verdict.PENDING):
        if item.current_files().exists():
            intake.review_item(item, verdict=Verdict.ACCEPTED, actor=operator)
    words = [item.text for item in review_blockers(application, admit=True, ground=None)]
    assert not [text for text in words if "Отзыв" in text]


def test_a_reason_needs_words_and_a_document_that_is_not_there(application, operator):
    """O3.8."""
    with pytest.raises(GateShut, match="Напишите уважительную причину"):
        excuse(application, operator, words=" ")
    with pytest.raises(GateShut, match="обязательного документа нет"):
        excuse(application, operator, code="passport")
    with pytest.raises(GateShut, match="обязательного документа нет"):
        excuse(application, operator, code="portfolio")


def test_one_excuse_does_not_cover_another_lack(application, operator, campaign):
    """O3.8: what is missing without a reason is still a ground to refuse."""
    application.items.get(document_type__code="medical").files.update(removed_at=clock.now())
    excuse(application, operator)
    assert limit_of(application).closed_on is None
    intake.refuse_application(
        application, actor=operator, ground=ground_of(campaign, "incomplete"), words="Нет заключения"
    )


def test_the_operators_page_offers_the_reason_and_hides_the_refusal(client, application, operator):
    """O3.8."""
    client.force_login(operator)
    item = application.items.get(document_type__code="reference")
    address = reverse("admin:candidates_application_change", args=[application.pk])
    page = client.get(f"{address}?item={item.pk}").content.decode()
    refusal = reverse("admin:candidates_application_deed", args=[application.pk, "refuse"])
    assert "Нет по уважительной причине" in page and refusal in page
    present = application.items.get(document_type__code="passport")
    assert "Нет по уважительной причине" not in client.get(f"{address}?item={present.pk}").content.decode()
    excuse(application, operator)
    assert refusal not in client.get(address).content.decode()


def test_the_quota_is_set_with_its_basis_and_taken_away(campaign, operator):
    """O3.1: the ministry sets the number yearly."""
    with pytest.raises(GateShut, match="чем установлена"):
        campaigns.set_quota(campaign, quota=12, basis=" ", actor=operator)
    campaigns.set_quota(campaign, quota=12, basis="приказ № 5", actor=operator)
    assert (campaign.quota, campaign.quota_basis) == (12, "приказ № 5")
    campaigns.set_quota(campaign, quota=None, basis="приказ № 5", actor=operator)
    assert (campaign.quota, campaign.quota_basis) == (None, "")
    Campaign.objects.update(state=CampaignState.FINISHED)
    with pytest.raises(GateShut, match="завершён"):
        campaigns.set_quota(campaign, quota=1, basis="приказ № 5", actor=operator)


def test_the_operator_sets_the_quota_on_a_page(client, campaign, operator):
    client.force_login(operator)
    address = reverse("admin:candidates_campaign_quota", args=[campaign.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"quota": "12", "basis": "приказ № 5"}).status_code == 302
    overview = client.get(reverse("admin:candidates_campaign_change", args=[campaign.pk]))
    assert "12 (приказ № 5)" in overview.content.decode()
