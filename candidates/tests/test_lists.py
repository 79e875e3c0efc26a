"""Lists of the workplace: saved filters, tables to take away, pages that count to a bound."""

from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from candidates.admin.applications import ApplicationAdmin
from candidates.models import RegistrationEntry
from candidates.tests.intake_data import (
    make_campaign,
    make_operator,
    make_person,
    make_registered,
    make_submitted,
    moment,
)
from reserve_portal.accounts.enums import Role
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import admin_lists, clock, job_files
from reserve_portal.core.enums import JobState
from reserve_portal.core.jobs import claim_job, run_job
from reserve_portal.core.models import Job, JobFile, SavedFilter
from reserve_portal.core.search import indexed_values
from reserve_portal.core.tests.answers import content_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("april")]
LIST = "admin:candidates_application_changelist"


def sheet_of(response):
    return [
        list(row) for row in load_workbook(BytesIO(content_of(response))).active.iter_rows(values_only=True)
    ]


def finish(row):
    token = claim_job(row.pk)
    run_job(row.pk, token)
    row.refresh_from_db()
    return row


# --- XLSX -----------------------------------------------------------------------------------------------------------


def test_the_table_has_what_the_list_shows_and_the_filter_left(web, campaign, operator):
    make_registered(
        campaign, operator, user=make_person(last_name="Семёнова", first_name="Мария", patronymic="")
    )
    make_submitted(campaign)
    rows = sheet_of(web.get(reverse(LIST), {"state__exact": "registered", "_export": "xlsx", "p": "1"}))
    assert rows[0] == [
        "Кандидат",
        "Номер",
        "Состояние",
        "Муниципальное образование",
        "Подано",
        "Кто проверяет",
    ]
    assert [row[0] for row in rows[1:]] == ["Семёнова Мария"]
    assert rows[1][2] == "зарегистрировано"
    event = AuditEvent.objects.get(action="core.export_list")
    assert event.details == {"list": "candidates.application", "query": "state__exact=registered", "rows": 1}
    assert event.actor == operator


@pytest.mark.parametrize("text", ["=1+1", "+7 900", "-5", "@SUM(A1)"])
def test_no_name_becomes_a_formula(web, campaign, text):
    make_submitted(campaign, user=make_person(last_name=text, first_name="", patronymic=""))
    cell = load_workbook(BytesIO(content_of(web.get(reverse(LIST), {"_export": "xlsx"})))).active["A2"]
    assert (cell.value, cell.data_type) == (f"'{text}", "s")


@pytest.mark.parametrize("role", list(Role))
def test_who_may_read_a_list_may_take_it_away(client, campaign, role):
    client.force_login(make_person(role))
    expected = 200 if role in (Role.OPERATOR, Role.AUDITOR) else 403 if role == Role.ADMINISTRATOR else 302
    assert client.get(reverse(LIST), {"_export": "xlsx"}).status_code == expected
    assert AuditEvent.objects.filter(action="core.export_list").exists() == (expected == 200)


def test_a_filter_the_list_does_not_know_takes_nothing_away(web, campaign, operator):
    make_campaign(operator, campaign.edition)  # Django offers a filter where there is a choice
    assert web.get(reverse(LIST), {"user__password__startswith": "a", "_export": "xlsx"}).status_code == 400
    assert web.get(reverse(LIST), {"campaign__id__exact": "x", "_export": "xlsx"}).status_code == 302


def test_a_long_list_is_a_job_whose_file_only_the_asker_gets_for_three_days(
    web, client, campaign, monkeypatch
):
    monkeypatch.setattr(admin_lists, "EXPORTED_AT_ONCE", 1)
    for _ in range(2):
        make_submitted(campaign)
    page = web.get(reverse(LIST), {"_export": "xlsx"}).url
    row = finish(Job.objects.get())
    assert (row.state, row.result) == (JobState.DONE, {"rows": 2})
    assert len(sheet_of(web.get(page, {"file": 1}))) == 3
    client.force_login(make_operator())
    assert client.get(page).status_code == 200
    assert client.get(page, {"file": 1}).status_code == 404
    kept = JobFile.objects.get()
    with clock.travel(kept.expires_at):
        assert job_files.purge_expired_files() == 1
        assert job_files.purge_expired_files() == 0
    assert not kept.file.storage.exists(kept.file.name)


# --- pages ----------------------------------------------------------------------------------------------------------


def test_a_list_says_that_there_are_more_than_it_counts(web, campaign, monkeypatch):
    monkeypatch.setattr(admin_lists, "COUNTED_AT_MOST", 2)
    for _ in range(2):
        make_submitted(campaign)
    assert "Всего: 2" in web.get(reverse(LIST)).content.decode()
    make_submitted(campaign)
    assert "Больше 2" in web.get(reverse(LIST)).content.decode()


def test_a_page_shows_its_own_rows_in_the_lists_order(web, campaign, monkeypatch):
    """The keys are sorted and cut first, the rows of one page are read after them."""
    monkeypatch.setattr(ApplicationAdmin, "list_per_page", 2)
    rows = []
    for hour in range(5):
        with clock.travel(moment(2026, 4, 19, hour)):
            rows.append(make_submitted(campaign))
    for asked, newest in (({}, rows[::-1]), ({"o": "5"}, rows)):
        shown = [web.get(reverse(LIST), {**asked, "p": page}).context["cl"].result_list for page in (1, 2, 3)]
        assert [row for page in shown for row in page] == newest
        assert [len(page) for page in shown] == [2, 2, 1]


def test_the_values_of_a_filter_are_read_by_steps_of_the_index(campaign, operator, django_assert_num_queries):
    make_registered(campaign, operator)
    make_registered(campaign, operator)
    with django_assert_num_queries(1):
        assert indexed_values(RegistrationEntry, "series") == ["КР-2026-…"]
    actions = sorted(set(AuditEvent.objects.values_list("action", flat=True)))
    with django_assert_num_queries(1):
        assert indexed_values(AuditEvent, "action") == actions


def test_the_auditor_finds_events_by_who_acted_and_about_whom(client, campaign, operator):
    person = make_person(last_name="Семёнова", first_name="Мария")
    make_registered(campaign, operator, user=person)
    client.force_login(make_person(Role.AUDITOR))
    address = reverse("admin:audit_auditevent_changelist")
    for query, is_there in (("семенова", True), (operator.last_name, True), ("Неизвестный", False)):
        body = client.get(address, {"q": query}).content.decode()
        assert ("Заявление зарегистрировано" in body.split("changelist-filter")[0]) is is_there, query
    other = AuditEvent.objects.exclude(action="candidates.register_application").first().get_action_display()
    for query, others_there in (({}, True), ({"action": "candidates.register_application"}, False)):
        rows = client.get(address, query).content.decode().split("changelist-filter")[0]
        assert "Заявление зарегистрировано" in rows and (other in rows) is others_there


# --- saved filters --------------------------------------------------------------------------------------------------


def test_a_filter_is_kept_under_a_name_and_leads_back(web, campaign, operator):
    query = "state__exact=registered"
    web.post(f"{reverse(LIST)}?{query}&p=2", {"_save_filter": "yes", "name": " Мои   проверки "})
    row = SavedFilter.objects.get()
    assert (row.owner, row.model, row.name, row.query) == (
        operator,
        "candidates.application",
        "Мои проверки",
        query,
    )
    body = web.get(reverse(LIST)).content.decode()
    assert "Мои проверки" in body and f"?{query}" in body


def test_a_shared_filter_is_seen_by_all_and_removed_by_its_owner_alone(client, web, campaign, operator):
    for name, shared in (("Личный", False), ("Общий", True)):
        SavedFilter.objects.create(
            owner=operator, model="candidates.application", name=name, query="q=x", is_shared=shared
        )
    client.force_login(make_operator())
    body = client.get(reverse(LIST)).content.decode()
    assert "Общий" in body and "Личный" not in body
    shared = SavedFilter.objects.get(name="Общий")
    client.post(reverse(LIST), {"_remove_filter": shared.pk})
    assert SavedFilter.objects.count() == 2
    client.force_login(operator)
    client.post(reverse(LIST), {"_remove_filter": shared.pk})
    assert SavedFilter.objects.count() == 1


@pytest.mark.parametrize(("query", "name"), [("", "Имя"), ("?q=x", " "), ("?q=x", "я" * 61)])
def test_an_empty_filter_or_name_is_not_kept(web, campaign, query, name):
    response = web.post(reverse(LIST) + query, {"_save_filter": "yes", "name": name}, follow=True)
    assert not SavedFilter.objects.exists()
    assert "error" in response.content.decode()


def test_whoever_may_not_read_the_list_keeps_no_filter_of_it(client, campaign):
    client.force_login(make_person(Role.ADMINISTRATOR))
    assert client.post(f"{reverse(LIST)}?q=x", {"_save_filter": "yes", "name": "Имя"}).status_code == 403
