"""The operator's pages: rights, lists with a constant number of queries, every deed through its confirmation page."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from candidates.enums import ApplicationState, CampaignState, Verdict
from candidates.models import Application, Campaign, Profile
from candidates.services import intake
from candidates.tests.intake_data import (
    accept_all,
    ground_of,
    make_campaign,
    make_edition,
    make_municipality,
    make_operator,
    make_person,
    make_registered,
    make_reviewed,
    make_submitted,
    moment,
)
from candidates.workflow import TRACK
from commissions.enums import ListState
from commissions.models import DecisionList
from reserve_portal.accounts.enums import Role
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.core.desk import desk_for
from reserve_portal.core.tables import write_xlsx
from reserve_portal.papers.models import IssuedPaper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("april")]
APPLICATIONS = "admin:candidates_application_changelist"
JOURNAL = "admin:candidates_registrationentry_changelist"


def page(name, *args):
    return reverse(f"admin:candidates_{name}", args=args)


def deed(application, name):
    return page("application_deed", application.pk, name)


def text_of(response):
    return response.content.decode()


# --- rights ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
def test_lists_are_for_operators_and_auditors(client, campaign, operator, role):
    """process.md 12: the auditor reads, nobody else comes in."""
    application = make_registered(campaign, operator)
    client.force_login(make_person(role))
    expected = 200 if role in (Role.OPERATOR, Role.AUDITOR) else 403 if role == Role.ADMINISTRATOR else 302
    for address in (
        reverse(APPLICATIONS),
        reverse(JOURNAL),
        reverse("admin:candidates_campaign_changelist"),
        page("application_change", application.pk),
        page("campaign_change", campaign.pk),
    ):
        assert client.get(address).status_code == expected, address


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_deeds_are_the_operators_alone(client, campaign, operator, role):
    application = make_registered(campaign, operator)
    item, finding = application.items.first(), application.findings.first()
    client.force_login(make_person(role))
    addresses = [
        page("campaign_add"),
        *[
            page(f"campaign_{name}", campaign.pk)
            for name in ("open", "window", "close", "finish", "register_all", "admission", "send_list")
        ],
        page("campaign_print_register", campaign.pk),
        page("campaign_print_list", campaign.pk),
        deed(application, "refuse"),
        page("application_item", application.pk, item.pk),
        page("application_finding", application.pk, finding.pk),
        page("application_judge", application.pk),
        page("application_notice", application.pk),
        page("registrationentry_annotate", application.registration.pk),
        page("registrationentry_print"),
    ]
    for address in addresses:
        assert client.post(address).status_code == 403, address


def test_auditor_sees_the_way_of_a_case_but_no_papers(client, campaign, operator):
    application = make_registered(campaign, operator)
    client.force_login(make_person(Role.AUDITOR))
    body = text_of(client.get(page("application_change", application.pk)))
    assert application.registration.text in body
    assert "скан.pdf" not in body
    assert "1980" not in body


def test_operator_never_reviews_the_own_application(client, campaign, operator):
    own = make_registered(campaign, operator, user=make_person(Role.OPERATOR))
    client.force_login(own.user)
    assert client.post(deed(own, "refuse")).status_code == 403
    assert "скан.pdf" not in text_of(client.get(page("application_change", own.pk)))


def test_drafts_are_the_candidates_own_affair(web, campaign):
    draft = campaign.applications.create(user=make_person(), nominations=[])
    assert draft.user.full_name not in text_of(web.get(reverse(APPLICATIONS)))
    assert web.get(page("application_change", draft.pk)).status_code == 404


# --- lists ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", [APPLICATIONS, JOURNAL])
def test_lists_cost_the_same_for_one_row_and_three(
    web, campaign, operator, django_assert_num_queries, name, count
):
    for _ in range(count):
        application = make_registered(campaign, operator)
        Profile.objects.create(user=application.user, municipality=make_municipality())
    web.get(reverse(name))
    with django_assert_num_queries(10):
        assert web.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("query", ["семёнова", "СЕМЕНОВА", "Семёнова Мария", "КР-2026-0001", "кр-2026"])
def test_search_knows_no_case_and_no_yo(web, campaign, operator, query):
    make_registered(campaign, operator, user=make_person(last_name="Семёнова", first_name="Мария"))
    for address in (reverse(APPLICATIONS), reverse(JOURNAL)):
        assert "Семёнова Мария" in text_of(web.get(address, {"q": query}))
        assert "Семёнова Мария" not in text_of(web.get(address, {"q": "Иванова"}))


def test_applications_are_filtered_by_municipality_and_state(web, campaign, operator):
    town = make_municipality("Город Северск")
    there, elsewhere = make_registered(campaign, operator, municipality=town), make_submitted(campaign)
    filters = {"municipality__id__exact": town.pk, "state__exact": "registered"}
    body = text_of(web.get(reverse(APPLICATIONS), filters))
    assert there.user.full_name in body
    assert elsewhere.user.full_name not in body


def test_overdue_applications_are_found(web, campaign, operator):
    application = make_submitted(campaign)
    with clock.travel(moment(2026, 4, 28)):
        body = text_of(web.get(reverse(APPLICATIONS), {"due": "overdue"}))
    assert application.user.full_name in body
    assert application.user.full_name not in text_of(web.get(reverse(APPLICATIONS), {"due": "overdue"}))


def test_whoever_waits_longest_stands_first_among_the_overdue_and_once(web, operator):
    """Two limits run for one application (O3.6, O3.8): it is one application, by the earlier of them."""
    campaign = make_campaign(operator, make_edition("orenburg"))
    first = make_registered(campaign, operator)
    with clock.travel(moment(2026, 4, 21)):
        second = make_registered(campaign, operator)

    def found(day, which):
        with clock.travel(moment(2026, *day)):
            return list(web.get(reverse(APPLICATIONS), {"due": which}).context["cl"].result_list)

    assert found((4, 27), "today") == [first]  # five working days to find the package incomplete
    assert found((4, 28), "overdue") == [first]
    assert found((5, 20), "overdue") == [first, second]
    last = first.deadlines.latest("due_on").due_on
    assert found((last.month, last.day), "today") == [first]


def test_desk_counts_as_waiting_only_whom_no_body_has_decided_on(web, campaign, operator):
    """T2: an admitted person no longer waits; the counter leads to the same people."""
    waiting, decided = make_reviewed(campaign, operator), make_reviewed(campaign, operator)
    TRACK.apply(decided.tracks.get(), "admit", actor=operator)
    item = next(item for item in desk_for(operator) if item.label.startswith("Проверены"))
    assert item.count == 1
    page = web.get(item.url).content.decode()
    assert waiting.registration.text in page and decided.registration.text not in page


def test_desk_counts_what_waits_and_what_is_due(web, campaign, operator):
    make_submitted(campaign)
    make_registered(campaign, operator)
    counts = {item.label: item.count for item in desk_for(operator)}
    assert (counts["Зарегистрировать заявления"], counts["Проверить документы"]) == (1, 1)
    with clock.travel(moment(2026, 4, 28)):
        overdue = next(item for item in desk_for(operator) if item.label == "Просрочено")
        assert (overdue.count, overdue.urgent) == (1, True)
        body = text_of(web.get(reverse("admin:index")))
    assert "Зарегистрировать заявления" in body
    assert web.get(overdue.url).status_code == 200


# --- campaigns ------------------------------------------------------------------------------------------------------


def test_campaign_is_planned_by_days_and_closes_with_the_last_one(web, operator):
    """The window closes at 23:59:59 of its last day when no time is given."""
    edition = make_edition()
    data = {"name": "Весна", "edition": edition.pk, "opens_on": "2026-04-23", "closes_on": "2026-05-24"}
    assert web.post(page("campaign_add"), data).status_code == 302
    campaign = Campaign.objects.get()
    assert campaign.closes_at == clock.end_of(moment(2026, 5, 24).date())
    assert web.post(page("campaign_open", campaign.pk)).status_code == 302
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.OPEN


def test_window_that_runs_backwards_is_told_beside_its_field(web, operator):
    edition = make_edition()
    data = {"name": "Весна", "edition": edition.pk, "opens_on": "2026-05-24", "closes_on": "2026-05-01"}
    response = web.post(page("campaign_add"), data)
    assert "Конец приёма должен быть позже начала." in text_of(response)
    assert "Весна" in text_of(response)
    assert not Campaign.objects.exists()


def test_window_is_changed_on_its_page(web, campaign):
    opens = clock.local(campaign.opens_at)
    assert "2026-04-15" in text_of(web.get(page("campaign_window", campaign.pk)))
    data = {
        "opens_on": opens.date(),
        "opens_time": opens.time(),
        "closes_on": "2026-06-10",
        "closes_time": "18:00",
    }
    assert web.post(page("campaign_window", campaign.pk), data).status_code == 302
    campaign.refresh_from_db()
    assert clock.local(campaign.closes_at).isoformat()[:16] == "2026-06-10T18:00"


def test_shut_gate_is_told_on_the_page(web, campaign):
    body = text_of(web.post(page("campaign_close", campaign.pk)))
    assert "измените окно" in body


def test_everything_that_came_is_registered_from_the_campaign(web, campaign):
    for _ in range(3):
        make_submitted(campaign)
    shown = text_of(web.get(page("campaign_register_all", campaign.pk)))
    assert 'name="shown" value="3"' in shown and "autofocus" in shown
    said = text_of(web.post(page("campaign_register_all", campaign.pk), {"shown": 3}, follow=True))
    assert campaign.applications.filter(state=ApplicationState.REGISTERED).count() == 3
    assert "Зарегистрировано заявлений: 3." in said and "Другой оператор" not in said


def test_an_operator_is_told_what_another_registered_meanwhile(web, campaign):
    """The page showed three; the other operator was faster with two of them."""
    rows = [make_submitted(campaign) for _ in range(3)]
    for row in rows[:2]:
        intake.register_application(row, actor=make_operator())
    said = text_of(web.post(page("campaign_register_all", campaign.pk), {"shown": 3}, follow=True))
    assert "Зарегистрировано заявлений: 1. Другой оператор тем временем зарегистрировал: 2." in said


# --- the review -----------------------------------------------------------------------------------------------------


def test_whole_review_runs_through_the_pages(web, campaign, operator):
    """Register, judge each document, send one back, finish with a proposal."""
    application = make_submitted(campaign)
    web.post(deed(application, "register"))
    for item in application.items.all():
        if item.current_files().exists():
            address = page("application_item", application.pk, item.pk)
            assert web.post(address, {"verdict": "accepted"}).status_code == 302
    first = application.items.first()
    ground = ground_of(campaign, "correction")
    web.post(page("application_item", application.pk, first.pk), {"verdict": "correct", "ground": ground.pk})
    web.post(deed(application, "request_correction"), {"note": "Ждём"})
    application.refresh_from_db()
    assert application.state == ApplicationState.CORRECTION
    web.post(deed(application, "end_correction"), {"reason": "Принесли лично"})
    web.post(page("application_item", application.pk, first.pk), {"verdict": "accepted"})
    web.post(deed(application, "finish_review"), {"admit": "yes"})
    application.refresh_from_db()
    assert (application.state, application.proposal_admit) == (ApplicationState.REVIEWED, True)


def test_page_offers_only_what_is_open_from_the_state(web, campaign, operator):
    """Buttons come from the transitions that are open (house rule 2)."""
    application = make_submitted(campaign)
    address = page("application_change", application.pk)
    assert "Зарегистрировать" in text_of(web.get(address))
    assert "Закончить проверку" not in text_of(web.get(address))
    intake.register_application(application, actor=operator)
    body = text_of(web.get(address))
    for words in ("Закончить проверку", "Вернуть на исправление", "Отказать из-за неполного пакета"):
        assert words in body


def test_deed_in_the_wrong_state_is_refused_in_words(web, campaign):
    application = make_submitted(campaign)
    response = web.post(deed(application, "end_correction"), {"reason": "Срок"}, follow=True)
    assert "сейчас недоступно" in text_of(response)
    item = application.items.first()
    address = page("application_item", application.pk, item.pk)
    assert "в состоянии «подано»" in text_of(web.post(address, {"verdict": "accepted"}, follow=True))


def test_wrong_verdict_comes_back_as_typed(web, campaign, operator):
    """Nothing typed is ever lost (quality.md)."""
    application = make_registered(campaign, operator)
    item = application.items.first()
    data = {"verdict": "correct", "words": "Не видно печати"}
    body = text_of(web.post(page("application_item", application.pk, item.pk), data))
    assert "Выберите причину" in body
    assert "Не видно печати" in body
    item.refresh_from_db()
    assert item.verdict == Verdict.PENDING


def test_finding_is_overridden_with_a_reason_on_the_page(web, campaign, operator):
    application = make_registered(campaign, operator)
    finding = application.findings.first()
    address = page("application_finding", application.pk, finding.pk)
    assert "расходится" in text_of(web.post(address, {f"f{finding.pk}-holds": "no"}))
    data = {f"f{finding.pk}-holds": "no", f"f{finding.pk}-reason": "Диплом не подтверждён"}
    assert web.post(address, data).status_code == 302
    finding.refresh_from_db()
    assert finding.holds is False


def test_documents_are_shown_as_pictures_and_the_reading_is_recorded(web, campaign, operator):
    """Files are seen only as pictures made by the server; the person can see who looked (house rule 10)."""
    application = make_registered(campaign, operator)
    item = application.items.first()
    body = text_of(web.get(page("application_change", application.pk), {"item": item.pk}))
    file = item.current_files().get()
    assert reverse("candidates:page", args=[file.pk, 1]) in body
    reads = AuditEvent.objects.filter(person=application.user, is_read=True, actor=operator)
    assert set(reads.values_list("action", flat=True)) == {
        "candidates.review_application",
        "candidates.review_file",
    }


def test_foreign_item_is_not_found(web, campaign, operator):
    one, other = make_registered(campaign, operator), make_registered(campaign, operator)
    address = page("application_item", one.pk, other.items.first().pk)
    assert web.post(address, {"verdict": "accepted"}).status_code == 404
    assert web.get(deed(one, "no_such_deed")).status_code == 404


@pytest.mark.parametrize("name", ["finish_review", "request_correction"])
def test_what_stands_in_the_way_of_a_deed_is_told_before_its_form(web, campaign, operator, name):
    """quality.md: no button that could only fail."""
    application = make_registered(campaign, operator)
    body = text_of(web.get(deed(application, name)))
    assert "ещё не проверен" in body and "Что произойдёт" not in body
    assert 'type="submit" class="btn btn-primary"' not in body


def test_admission_is_not_offered_where_it_cannot_be_proposed(web, campaign, operator):
    """O3.5-3.7: a required document was not accepted."""
    application = make_registered(campaign, operator)
    for item in application.items.all():
        if item.current_files().exists():
            refused = item.document_type.code == "education"
            verdict = Verdict.REFUSED if refused else Verdict.ACCEPTED
            intake.review_item(item, verdict=verdict, actor=operator, words="Нет приложения")
    body = text_of(web.get(deed(application, "finish_review")))
    assert "допуск предложить нельзя" in body and "допустить к оценке" not in body and "не допускать" in body


def test_only_keys_that_do_something_are_explained(web, campaign, operator):
    application = make_registered(campaign, operator)
    body = text_of(web.get(page("application_change", application.pk)))
    assert "<kbd>1</kbd> … <kbd>3</kbd>" in body and "<kbd>F</kbd>" in body and "<kbd>N</kbd>" not in body
    Application.objects.update(state=ApplicationState.CORRECTION)
    body = text_of(web.get(page("application_change", application.pk)))
    assert "<kbd>1</kbd>" not in body and "<kbd>F</kbd>" not in body and "<kbd>R</kbd>" not in body


def test_refusal_and_its_undoing_run_through_the_pages(web, campaign, operator):
    application = make_registered(campaign, operator)
    ground = ground_of(campaign, "incomplete")
    data = {"ground": ground.pk, "words": "Нет диплома"}
    body = text_of(web.post(deed(application, "refuse"), data))
    assert "Все обязательные документы приложены" in body and "<textarea" not in body
    item = application.items.get(document_type__code="education")
    intake.review_item(item, verdict=Verdict.REFUSED, actor=operator, words="Нет приложения")
    body = text_of(web.get(deed(application, "refuse")))
    assert "не принят. Нет приложения" in body and f'value="{ground.pk}" selected' in body
    web.post(deed(application, "refuse"), data)
    application.refresh_from_db()
    assert application.state == ApplicationState.REFUSED
    assert "Отменить отказ" in text_of(web.get(page("application_change", application.pk)))
    web.post(deed(application, "undo_refusal"), {"reason": "Нашёлся"})
    application.refresh_from_db()
    assert application.state == ApplicationState.REGISTERED


@pytest.mark.parametrize("count", [1, 3])
def test_page_of_an_application_costs_the_same_with_more_neighbours(web, campaign, operator, count):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    application = make_registered(campaign, operator)
    for _ in range(count):
        make_registered(campaign, operator)
    web.get(page("application_change", application.pk))
    with CaptureQueriesContext(connection) as queries:
        web.get(page("application_change", application.pk))
    assert len(queries) <= 40


# --- the list for admission -----------------------------------------------------------------------------------------


def test_list_is_made_checked_and_sent_from_its_page(web, campaign, operator):
    make_reviewed(campaign, operator)
    absent = make_submitted(campaign)
    address = page("campaign_admission", campaign.pk)
    assert absent.user.full_name in text_of(web.get(address))
    assert "Отметьте" in text_of(web.post(address))
    assert web.post(address, {"seen": "on"}).status_code == 302
    assert "Передать список органу" in text_of(web.get(address))
    web.post(page("campaign_send_list", campaign.pk))
    assert DecisionList.objects.get().state == ListState.SENT
    assert web.get(page("campaign_change", campaign.pk)).status_code == 200


# --- papers and tables ----------------------------------------------------------------------------------------------


def test_journal_is_printed_exported_and_annotated(web, campaign, operator):
    """domain/documents.md: numbered sheets and the certifying line; XLSX for the office."""
    entry = make_registered(campaign, operator).registration
    response = web.post(page("registrationentry_print"), {"series": entry.series})
    assert response.status_code == 302
    assert IssuedPaper.objects.get(kind="candidates.journal").file.size > 1000
    answer = web.get(page("registrationentry_export"), {"series": entry.series})
    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    assert [cell.value for cell in sheet[2]][:3] == [1, "20.04.2026 12:00", entry.text]
    web.post(page("registrationentry_annotate", entry.pk), {"text": "Проверено"})
    assert "Проверено" in text_of(web.get(page("registrationentry_change", entry.pk)))


def test_register_of_candidates_is_printed_and_exported(web, campaign, operator):
    """T2: the register of candidates."""
    application = make_registered(campaign, operator)
    assert web.post(page("campaign_print_register", campaign.pk)).status_code == 302
    assert IssuedPaper.objects.filter(kind="candidates.register").exists()
    answer = web.get(page("campaign_export_register", campaign.pk))
    rows = list(load_workbook(BytesIO(b"".join(answer.streaming_content))).active.values)
    assert rows[1][2] == application.user.full_name


def test_list_for_admission_is_printed(web, campaign, operator):
    make_reviewed(campaign, operator)
    make_reviewed(campaign, operator, admit=False)
    draft = intake.make_admission_list(campaign, actor=operator)
    web.post(page("campaign_print_list", campaign.pk), {"list": draft.pk})
    assert IssuedPaper.objects.filter(kind="candidates.admission_list").exists()


def test_notice_is_printed_about_the_person(web, campaign, operator):
    application = make_registered(campaign, operator)
    web.post(page("application_notice", application.pk))
    assert IssuedPaper.objects.get(kind="candidates.notice").person == application.user


@pytest.mark.parametrize("text", ["=1+1", "+7", "-1", "@SUM(A1)", "\tx"])
def test_tables_hold_no_live_formula(text):
    """Spreadsheet exports neutralise formulas (quality.md)."""
    cell = load_workbook(BytesIO(write_xlsx("Лист", ["Имя"], [[text]]))).active["A2"]
    assert cell.data_type == "s"
    assert cell.value.startswith("'")


def test_pages_hold_no_inline_script_or_style(web, campaign, operator):
    """A strict policy holds in the admin too (house rule 13)."""
    application = make_reviewed(campaign, operator)
    accept = make_registered(campaign, operator)
    accept_all(accept, operator)
    for address in (
        reverse("admin:index"),
        reverse(APPLICATIONS),
        reverse(JOURNAL),
        page("campaign_add"),
        page("campaign_change", campaign.pk),
        page("campaign_window", campaign.pk),
        page("campaign_admission", campaign.pk),
        page("application_change", application.pk),
        page("application_change", accept.pk),
        deed(accept, "finish_review"),
    ):
        body = text_of(web.get(address))
        assert " style=" not in body, address
        assert "<script>" not in body, address
        assert " onclick=" not in body, address


def test_campaign_window_ends_and_the_page_says_so(web, campaign):
    from candidates.services import campaigns

    with clock.travel(campaign.closes_at + timedelta(seconds=1)):
        campaigns.follow_windows()
        assert "приём закончен" in text_of(web.get(page("campaign_change", campaign.pk)))


def test_deadlines_lead_to_their_cases(web, campaign, operator):
    """Overdue limits are listed and counted, each with a way to its case (process.md 5)."""
    application = make_submitted(campaign)
    address = reverse("admin:regulations_deadline_changelist")
    with clock.travel(moment(2026, 4, 28)):
        body = text_of(web.get(address, {"when": "overdue", "whose": "mine"}))
    assert page("application_change", application.pk) in body
    assert page("application_change", application.pk) not in text_of(web.get(address, {"when": "overdue"}))


def test_running_campaign_offers_no_closing(web, campaign):
    assert "Закончить приём" not in text_of(web.get(page("campaign_change", campaign.pk)))
    assert "Изменить окно" in text_of(web.get(page("campaign_change", campaign.pk)))
