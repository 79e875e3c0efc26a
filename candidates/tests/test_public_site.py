"""What strangers get of the candidates' stage: self-check, blank forms, dates for the calendar (process.md 11)."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from icalendar import Calendar

from candidates.dates import calendar_of
from candidates.models import Campaign
from candidates.services.consents import texts_of
from reserve_portal.core import clock
from reserve_portal.core.tests.answers import content_of
from reserve_portal.core.words import clause_in_words
from reserve_portal.pages.services import load_pages
from reserve_portal.regulations.models import Edition

from . import applying

pytestmark = pytest.mark.django_db
GOOD = {
    "birth_date": "1985-05-17",
    "citizenship": "RU",
    "no_criminal_record": "true",
    "state_language": "true",
    "diploma-TOTAL_FORMS": "4",
    "diploma-INITIAL_FORMS": "0",
    "diploma-0-level": "specialist",
    "diploma-0-field": "pedagogy",
    "diploma-1-level": "retraining",
    "diploma-1-field": "management",
    "period-TOTAL_FORMS": "4",
    "period-INITIAL_FORMS": "0",
    "period-0-kind": "teaching",
    "period-0-since": "2010-09-01",
}


@pytest.fixture(params=["tomsk", "orenburg"])
def edition(request: Any, calendar_loaded: None, travel: Any) -> Any:
    with travel(applying.INSIDE):
        yield applying.edition(request.param)


@pytest.fixture
def campaign(calendar_loaded: None, travel: Any) -> Any:
    with travel(applying.INSIDE):
        yield applying.campaign()


def test_the_self_check_judges_every_requirement_with_its_clause(edition: Edition, client: Client) -> None:
    """O1.6, 250н: found and needed by the rules of the live judgement."""
    page = client.post(reverse("candidates:self_check"), GOOD).content.decode()
    for requirement in edition.requirements.all():
        assert requirement.title in page and clause_in_words(requirement.clause) in page
    assert "не выполнено" not in page.casefold()
    short = client.post(
        reverse("candidates:self_check"), {**GOOD, "period-0-since": "2025-09-01"}
    ).content.decode()
    assert "Не хватает:" in short


def test_documents_are_announced_not_missed(client: Client, calendar_loaded: None) -> None:
    """Orenburg's certificates: nobody has applied yet, so nothing is missing."""
    applying.edition("orenburg")
    page = client.post(reverse("candidates:self_check"), GOOD).content.decode()
    assert "Понадобится:" in page and "Документа нет" not in page


def test_the_age_is_judged_on_the_last_day_of_the_window(client: Client, campaign: Campaign) -> None:
    """O1.6: the announced campaign's end, not today."""
    page = client.get(reverse("candidates:self_check")).content.decode()
    assert "3 апреля 2026" in page


def test_the_self_check_stores_nothing_and_sets_no_cookie_but_csrf(edition: Edition, client: Client) -> None:
    client.get(reverse("candidates:self_check"))
    with CaptureQueriesContext(connection) as queries:
        answer = client.post(reverse("candidates:self_check"), GOOD)
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    assert set(client.cookies) <= {"csrftoken"}
    assert not Session.objects.exists()
    writes = [row["sql"] for row in queries if row["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]
    assert writes == []


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("birth_date", "1585-01-01", "Проверьте год рождения"),
        ("diploma-0-field", "", "Диплом 1, направление:</span> Заполните строку целиком"),
        ("period-0-until", "2001-01-01", "Период 1, по:</span> Конец работы раньше её начала"),
        ("period-0-since", "вчера", "дат"),
        ("diploma-0-level", "<script>", ""),
    ],
)
def test_bad_answers_are_named_and_nothing_typed_is_lost(
    client: Client, calendar_loaded: None, field: str, value: str, words: str
) -> None:
    applying.edition("orenburg")
    page = client.post(reverse("candidates:self_check"), {**GOOD, field: value}).content.decode()
    assert words in page and "Что получилось" not in page
    assert 'value="1985-05-17"' in page or field == "birth_date"
    assert "<script>" not in page.split("<main", 1)[1]


def test_a_hostile_number_of_rows_is_harmless(edition: Edition, client: Client) -> None:
    data = {**GOOD, "diploma-TOTAL_FORMS": "100000", "period-TOTAL_FORMS": "x"}
    assert client.post(reverse("candidates:self_check"), data).status_code == 200


def test_blank_forms_are_made_of_the_templates_of_the_filled_ones(edition: Edition, client: Client) -> None:
    addresses = [reverse("candidates:blank_application")]
    addresses += [reverse("candidates:blank_consent", args=[text.pk]) for text in texts_of(edition)]
    for address in addresses:
        answer = client.get(address)
        data = content_of(answer)
        with pikepdf.open(BytesIO(data)) as pdf:
            assert len(pdf.pages) >= 1
        with_cache = client.get(address)
        assert content_of(with_cache) == data
    assert client.get(reverse("candidates:blank_consent", args=[999999])).status_code == 404


def test_the_dates_of_a_campaign_go_into_a_calendar(client: Client, campaign: Campaign) -> None:
    answer = client.get(reverse("candidates:campaign_calendar", args=[campaign.pk]))
    assert answer["Content-Type"].startswith("text/calendar")
    events = {
        str(event["uid"]).split("-")[0]: event for event in Calendar.from_ical(content_of(answer)).events
    }
    assert events["opens"].start == campaign.opens_at
    assert events["closes"].end == campaign.closes_at.replace(microsecond=0)
    assert str(events["closes"]["summary"]).startswith("Конец приёма")
    moved = campaign.closes_at + timedelta(days=3)
    Campaign.objects.update(closes_at=moved)
    again = Calendar.from_ical(content_of(client.get(answer.wsgi_request.path)))
    uids = {str(event["uid"]) for event in again.events}
    assert uids == {str(event["uid"]) for event in events.values()}  # a moved date replaces the old one


def test_public_pages_carry_what_belongs_to_them(client: Client, campaign: Campaign) -> None:
    """process.md 11: coming windows, blank forms, self-check beside the texts."""
    load_pages(campaign.edition)
    expected = {
        "intakes": reverse("candidates:campaign_calendar", args=[campaign.pk]),
        "documents": reverse("candidates:blank_application"),
        "requirements": reverse("candidates:self_check"),
        "programmes": "Каталог программ",
    }
    for slug, words in expected.items():
        assert words in client.get(reverse("pages:page", args=[slug])).content.decode(), slug


def test_the_self_check_refuses_a_period_that_has_not_begun(edition: Edition, client: Client) -> None:
    """As the questionnaire does: service is what was worked."""
    future = f"{clock.today().year + 1}-09-01"
    page = client.post(
        reverse("candidates:self_check"), {**GOOD, "period-0-since": future, "period-0-until": ""}
    ).content.decode()
    assert "Эта дата ещё не наступила." in page and "Что получилось" not in page


def test_the_self_check_without_an_intake_ends_its_sentence_once(edition: Edition, client: Client) -> None:
    assert "г.." not in client.get(reverse("candidates:self_check")).content.decode()


def test_the_end_of_the_window_stands_in_a_calendar_at_its_own_minute(campaign: Campaign) -> None:
    """T1: 23:59:59 is the end; a calendar must not show half an hour earlier."""
    file = Calendar.from_ical(calendar_of(campaign, "/x/"))
    end = next(row for row in file.walk("VEVENT") if "Конец" in row["summary"])
    assert end["dtstart"].dt == campaign.closes_at and "dtend" not in end
