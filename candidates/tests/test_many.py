"""Deeds for many applications at once: how many, who is left out and why; letters once to each; the dossier."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from candidates.enums import ApplicationState, Verdict
from candidates.models import RegistrationEntry
from candidates.services import intake
from candidates.services.dossier import request_dossier, safe_name, unique
from candidates.services.mailing import send_mailing
from candidates.tests.intake_data import (
    accept_all,
    ground_of,
    make_campaign,
    make_operator,
    make_person,
    make_registered,
    make_submitted,
    moment,
)
from reserve_portal.accounts.enums import Role
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.core.enums import JobState
from reserve_portal.core.gates import GateShut
from reserve_portal.core.jobs import claim_job, run_job
from reserve_portal.core.models import Job, JobFile
from reserve_portal.core.tests.answers import content_of
from reserve_portal.notifications.models import Letter, LetterText, Mailing

LIST = "admin:candidates_application_changelist"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("april")]


def text_of(response):
    return response.content.decode()


def shown_by(web, address):
    """What the page would be confirmed with."""
    return {"shown": web.get(address).context["shown"]}


def chosen(page, *applications, name=""):
    args = [name] if name else []
    ids = ",".join(str(row.pk) for row in applications)
    return f"{reverse(f'admin:candidates_application_{page}', args=args)}?ids={ids}"


def finish(row):
    run_job(row.pk, claim_job(row.pk))
    row.refresh_from_db()
    assert row.state == JobState.DONE, row.error
    return row


# --- deeds ----------------------------------------------------------------------------------------------------------


def test_an_action_leads_to_the_page_of_what_was_ticked_or_of_the_whole_filter(web, campaign):
    rows = [make_submitted(campaign) for _ in range(2)]
    data = {"action": "register", "_selected_action": [rows[0].pk], "select_across": "0"}
    assert web.post(reverse(LIST), data).url == chosen("bulk", rows[0], name="register")
    address = web.post(f"{reverse(LIST)}?state__exact=submitted&p=1", data | {"select_across": "1"}).url
    assert address.endswith("?list=state__exact%3Dsubmitted")
    assert len(web.get(address).context["going"]) == 2


def test_many_are_registered_in_the_order_of_coming_and_the_others_are_named_with_their_reason(
    web, campaign, operator
):
    later = make_submitted(campaign)
    with clock.travel(moment(2026, 4, 19)):
        earlier = make_submitted(campaign)
    done = make_registered(campaign, operator)
    address = chosen("bulk", later, earlier, done, name="register")
    page = web.get(address)
    assert page.context["going"] == [earlier, later]
    assert page.context["left"] == [("состояние: зарегистрировано", [done])]
    body = text_of(page)
    assert "Затронет: 2" in body and "Не войдут: 1" in body and done.user.full_name in body
    web.post(address, shown_by(web, address))
    numbers = dict(RegistrationEntry.objects.values_list("application_id", "number"))
    assert numbers == {done.pk: 1, earlier.pk: 2, later.pk: 3}


def test_what_changed_while_one_looked_is_shown_before_it_is_done(web, campaign, operator):
    first, second = make_submitted(campaign), make_submitted(campaign)
    address = chosen("bulk", first, second, name="register")
    data = shown_by(web, address)
    intake.register_application(first, actor=operator)  # somebody else was faster
    assert "список изменился" in text_of(web.post(address, data))
    assert RegistrationEntry.objects.count() == 1


def test_only_what_can_be_sent_back_is_sent_back(web, campaign, operator):
    ready, unchecked = make_registered(campaign, operator), make_registered(campaign, operator)
    item = ready.items.first()
    accept_all(ready, operator)
    intake.review_item(
        item,
        verdict=Verdict.CORRECT,
        ground=ground_of(campaign, "correction"),
        words="Нет печати",
        actor=operator,
    )
    address = chosen("bulk", ready, unchecked, name="correction")
    page = web.get(address)
    assert page.context["going"] == [ready]
    assert [rows for _, rows in page.context["left"]] == [[unchecked]]
    web.post(address, shown_by(web, address) | {"note": "До пятницы"})
    ready.refresh_from_db()
    unchecked.refresh_from_db()
    assert (ready.state, unchecked.state) == (ApplicationState.CORRECTION, ApplicationState.REGISTERED)
    assert "До пятницы" in Letter.objects.get(kind="candidates.correction").body


def test_a_review_of_many_is_finished_where_everything_is_in_order(web, campaign, operator):
    whole, unchecked = make_registered(campaign, operator), make_registered(campaign, operator)
    accept_all(whole, operator)
    for finding in whole.findings.all():
        intake.confirm_finding(finding, holds=True, reason="Проверено", actor=operator)
    address = chosen("bulk", whole, unchecked, name="finish")
    web.post(address, shown_by(web, address))
    whole.refresh_from_db()
    unchecked.refresh_from_db()
    assert (whole.state, whole.proposal_admit) == (ApplicationState.REVIEWED, True)
    assert unchecked.state == ApplicationState.REGISTERED


def test_the_own_application_is_left_out_of_every_deed(web, campaign, operator):
    own = make_submitted(campaign, user=operator)
    for address in (chosen("bulk", own, name="register"), chosen("letter", own)):
        page = web.get(address)
        assert (page.context["going"], page.context["left_count"]) == ([], 1), address


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_deeds_for_many_are_the_operators_alone(client, campaign, role):
    application = make_submitted(campaign)
    client.force_login(make_person(role))
    for address in (
        chosen("bulk", application, name="register"),
        chosen("letter", application),
        chosen("dossier"),
    ):
        assert client.get(address).status_code == 403
        assert client.post(address).status_code == 403


@pytest.mark.parametrize("query", ["?ids=x", "?ids=1;2", "?list=campaign__id__exact%3Dx"])
def test_an_address_that_was_tampered_with_is_not_found(web, campaign, operator, query):
    make_campaign(operator, campaign.edition)
    assert web.get(reverse("admin:candidates_application_letter") + query).status_code == 404
    assert web.get(reverse("admin:candidates_application_bulk", args=["nonsense"])).status_code == 404


# --- letters to many ------------------------------------------------------------------------------------------------

TEXT = {"subject": "Заявление {{ number }}", "body": "{{ greeting }}, состояние: {{ state }}."}


def test_a_letter_is_tried_on_a_chosen_case_before_it_is_sent(web, campaign, operator):
    first, second = make_registered(campaign, operator), make_registered(campaign, operator)
    page = web.post(chosen("letter", first, second), TEXT | {"case": second.pk, "try": "yes"})
    assert page.context["preview"]["who"] == second.user.full_name
    assert page.context["preview"]["subject"] == f"Заявление {second.registration}"
    assert not Letter.objects.filter(mailing__isnull=False).exists()


def test_two_clicks_send_one_letter_to_each_person(web, campaign, operator):
    rows = [make_registered(campaign, operator) for _ in range(2)]
    address = chosen("letter", *rows)
    page = web.get(address)
    data = TEXT | {
        "case": rows[0].pk,
        "send": "yes",
        "shown": page.context["shown"],
        "token": page.context["token"],
    }
    for _ in range(2):
        assert web.post(address, data).status_code == 302
    row = finish(Job.objects.get(kind="candidates.mailing"))
    Job.objects.filter(pk=row.pk).update(state=JobState.QUEUED, lease_until=None)
    finish(row)  # a job that is run again writes nothing twice
    letters = Letter.objects.filter(mailing=Mailing.objects.get())
    assert {letter.to for letter in letters} == {row.user for row in rows}
    assert letters.count() == 2
    assert f"Заявление {rows[0].registration}" in {letter.subject_line for letter in letters}


def test_who_gets_no_letter_is_named_with_the_reason_and_each_person_gets_one(web, campaign, operator):
    one = make_submitted(campaign)
    other = make_submitted(make_campaign(operator, campaign.edition), user=one.user)
    closed = make_submitted(campaign)
    closed.user.is_active = False
    closed.user.save(update_fields=["is_active"])
    page = web.get(chosen("letter", one, other, closed))
    assert page.context["going"] == [one]
    assert dict(page.context["left"]) == {
        "письмо получит по другому своему заявлению": [other],
        "учётная запись закрыта": [closed],
    }


def test_an_unknown_placeholder_is_told_beside_its_field(web, campaign, operator):
    row = make_submitted(campaign)
    page = web.post(
        chosen("letter", row), {"subject": "Тема", "body": "{{ password }}", "try": "yes", "case": row.pk}
    )
    assert "password" in page.context["form"].errors["body"][0]
    with pytest.raises(GateShut):
        send_mailing([row], subject="{{ x }}", body="y", token="t", actor=operator)
    assert not Mailing.objects.exists()


def test_the_page_of_a_mailing_shows_how_far_its_delivery_is(web, campaign, operator):
    row = make_submitted(campaign)
    mailing, work = send_mailing([row], subject="Тема", body="Текст", token="t", actor=operator)
    page = reverse("admin:notifications_mailing_change", args=[mailing.pk])
    assert "Ещё не написано: 1" in text_of(web.get(page))
    finish(work)
    body = text_of(web.get(page))
    assert "Ждёт отправки: 1" in body and f"?mailing={mailing.pk}" in body


def test_the_text_of_a_kind_is_tried_on_a_letter_that_was_sent_then_stored_then_given_up(
    web, campaign, operator
):
    registered = make_registered(campaign, operator)
    page = f"{reverse('admin:notifications_lettertext_add')}?kind=candidates.registered"
    own = {"subject": "Принято: {{ number }}", "body": "Здравствуйте, {{ greeting }}!"}
    tried = web.post(page, own | {"try": "yes", "case": Letter.objects.get(kind="candidates.registered").pk})
    assert tried.context["preview"]["subject"] == f"Принято: {registered.registration.text}"
    assert not LetterText.objects.exists()
    assert (
        "nonsense"
        in web.post(page, own | {"body": "{{ nonsense }}", "save": "yes"}).context["form"].errors["body"][0]
    )
    web.post(page, own | {"save": "yes"})
    assert str(LetterText.objects.get()) == "Заявление зарегистрировано"
    make_registered(campaign, operator)
    assert Letter.objects.filter(subject_line__startswith="Принято: ").count() == 1
    web.post(page, own | {"restore": "yes"})
    assert not LetterText.objects.exists()
    assert AuditEvent.objects.filter(action__startswith="notifications.").count() == 2


def test_a_kind_that_was_never_sent_is_tried_on_the_meanings_of_its_placeholders(web):
    page = f"{reverse('admin:notifications_lettertext_add')}?kind=candidates.refused"
    tried = web.post(page, {"subject": "№ {{ number }}", "body": "Текст", "case": "", "try": "yes"})
    assert tried.context["preview"]["subject"] == "№ «Регистрационный номер»"
    assert "Отказ" in text_of(web.get(reverse("admin:notifications_lettertext_add")))


# --- the dossier ----------------------------------------------------------------------------------------------------


def test_a_dossier_holds_everything_and_its_reading_is_recorded(web, client, campaign, operator):
    row = make_registered(campaign, operator, user=make_person(last_name="Семёнова", first_name="Мария"))
    make_submitted(campaign, user=operator)  # one's own stays out
    address = reverse("admin:candidates_campaign_dossier", args=[campaign.pk])
    assert "Затронет записей: 1" in text_of(web.get(address))
    page = web.post(address).url
    assert web.post(address).url == page  # two clicks, one job
    finish(Job.objects.get())
    archive = zipfile.ZipFile(io.BytesIO(content_of(web.get(page, {"file": 1}))))
    names = archive.namelist()
    assert archive.testzip() is None
    folder = f"{row.registration.text} Семёнова Мария Петрович"
    assert {name.split("/")[0] for name in names} == {folder}
    assert f"{folder}/Заявление.pdf" in names
    assert any(name.startswith(f"{folder}/Документы/") and name.endswith("скан.pdf") for name in names)
    assert any(name.startswith(f"{folder}/Письма/2026-04-20 ") for name in names)
    about = archive.read(f"{folder}/Сведения.txt").decode("utf-8-sig")
    for words in (row.registration.text, "Семёнова", "ЧТО БЫЛО", "не проверен", "SHA-256"):
        assert words in about, words
    assert archive.read(f"{folder}/Заявление.pdf").startswith(b"%PDF")
    assert AuditEvent.objects.filter(action="candidates.dossier", person=row.user, is_read=True).count() == 1
    client.force_login(make_operator())
    assert client.get(page, {"file": 1}).status_code == 404


def test_a_dossier_is_no_longer_there_after_its_days_and_never_for_whoever_lost_the_role(
    web, campaign, operator
):
    make_submitted(campaign)
    row = request_dossier(campaign.applications.all(), title="Набор", key="k", actor=operator)
    finish(row)
    page = reverse("admin:core_job_change", args=[row.pk])
    with clock.travel(clock.now() + timedelta(days=3, seconds=1)):
        assert web.get(page, {"file": 1}).status_code == 404
    assert content_of(web.get(page, {"file": 1})).startswith(b"PK")
    operator.groups.clear()
    assert web.get(page, {"file": 1}).status_code in (302, 403)
    assert JobFile.objects.exists()


def test_who_is_no_operator_gets_no_dossier(campaign):
    make_submitted(campaign)
    for actor in (make_person(Role.AUDITOR), make_person()):
        with pytest.raises(GateShut):
            request_dossier(campaign.applications.all(), title="x", key="k", actor=actor)


def test_names_of_files_cannot_leave_their_folder(campaign, operator):
    row = make_submitted(campaign)
    item = row.items.filter(files__isnull=False).first()
    for number, name in enumerate(["../../etc/passwd.pdf", "..\\..\\x.pdf", "скан.pdf", "CON.pdf"]):
        file = item.files.create(
            original_name=name, kind="pdf", content_type="application/pdf", size=1, sha256=str(number)
        )
        file.file.save("x.pdf", ContentFile(b"%PDF-1.4"))
    work = finish(request_dossier(campaign.applications.all(), title="a/b:c", key="k", actor=operator))
    with JobFile.objects.get(job=work).file.open("rb") as stored:
        names = zipfile.ZipFile(stored).namelist()
    assert len(names) == len({name.casefold() for name in names})
    assert sum(name.endswith((" (2).pdf", "_CON.pdf")) for name in names) == 2
    for name in names:
        assert not name.startswith("/") and "\\" not in name and ".." not in name.split("/")


@given(st.text(max_size=300))
def test_any_name_becomes_a_safe_one(text):
    name = safe_name(text)
    assert 0 < len(name) <= 84
    assert (
        not set(name) & set('/\\:*?"<>|\x00\n') and not name.startswith(".") and not name.endswith((".", " "))
    )
    assert safe_name(name) == name


def test_the_same_name_gets_a_number():
    taken: set[str] = set()
    assert [
        unique(name, taken) for name in ("a/Скан.pdf", "a/скан.pdf", "a/скан.pdf", "b/скан.pdf", "a")
    ] == [
        "a/Скан.pdf",
        "a/скан (2).pdf",
        "a/скан (3).pdf",
        "b/скан.pdf",
        "a",
    ]


# --- the personal late window ---------------------------------------------------------------------------------------


def late(web, campaign, **data):
    given = {"email": "late@example.org", "until_on": "2026-06-01", "reason": "Болезнь"} | data
    return web.post(reverse("admin:candidates_campaign_late", args=[campaign.pk]), given)


def test_a_person_who_began_nothing_gets_a_draft_a_term_and_a_letter(web, campaign, operator):
    person = make_person()
    with clock.travel(campaign.closes_at + timedelta(days=1)):
        response = late(web, campaign, email=person.email.upper())
        assert response.status_code == 302
        draft = campaign.applications.get(user=person)
        assert draft.state == ApplicationState.DRAFT
        assert clock.local(draft.late_until).strftime("%d.%m.%Y %H:%M:%S") == "01.06.2026 23:59:59"
        letter = Letter.objects.get(kind="candidates.late_window")
        assert letter.to == person and "Болезнь" in letter.body and "01.06.2026" in letter.body
        event = AuditEvent.objects.get(action="candidates.open_late_window")
        assert event.details["reason"] == "Болезнь" and event.actor == operator
        body = text_of(web.get(reverse("admin:candidates_campaign_change", args=[campaign.pk])))
        assert person.full_name in body


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"email": "nobody@example.org"}, "email"),
        ({"until_on": "2026-04-01"}, "until_on"),
        ({"reason": " "}, "reason"),
        ({"until_on": ""}, "until_on"),
    ],
)
def test_what_is_wrong_with_a_personal_term_is_told_beside_its_field(web, campaign, data, field):
    make_person(last_name="Поздний")
    person = make_person()
    response = late(web, campaign, **({"email": person.email} | data))
    assert field in response.context["form"].errors, response.context["form"].errors
    assert not campaign.applications.exists()


def test_who_has_submitted_needs_no_personal_term(web, campaign):
    row = make_submitted(campaign)
    response = late(web, campaign, email=row.user.email)
    assert "только" in text_of(response) or "неподанному" in text_of(response)
    row.refresh_from_db()
    assert row.late_until is None
