import subprocess
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from candidates.enums import ApplicationState, Verdict
from candidates.models import Achievement, Application, Consent, Education, PackageFile, Profile
from candidates.services import applications as services
from candidates.workflow import APPLICATION, TRACK
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.core.dashboard import cards_for
from reserve_portal.core.tests.answers import content_of
from reserve_portal.core.tests.calendars import load_calendar_quickly
from reserve_portal.papers.models import IssuedPaper

from .applying import (
    CLOSES,
    INSIDE,
    SECOND,
    campaign,
    complete_draft,
    draft,
    fill_profile,
    person,
    picture,
    submitted,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def inside_the_window(settings, tmp_path):
    settings.MEDIA_ROOT, settings.STATIC_ROOT = tmp_path / "files", tmp_path
    load_calendar_quickly()
    with clock.travel(INSIDE):
        yield


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def page_of(application, name, *args):
    return reverse(f"candidates:{name}", args=[application.pk, *args])


def words(response):
    return response.content.decode()


def png(name="скан.png"):
    return SimpleUploadedFile(name, picture(), content_type="image/png")


DRAFT_PAGES = (
    "application",
    "questionnaire",
    "education",
    "add_education",
    "employment",
    "add_employment",
    "achievement",
    "add_achievement",
    "choices",
    "consents",
    "documents",
    "submit",
    "withdraw",
)


@pytest.mark.parametrize("name", DRAFT_PAGES)
def test_every_page_of_a_draft_opens_for_its_candidate_and_for_nobody_else(name):
    """process.md 12: a foreign application does not exist, for the operator neither."""
    application = draft()
    url = page_of(application, name)
    assert client_of(application.user).get(url).status_code == 200
    assert client_of(person("other@demo.example")).get(url).status_code == 404
    assert client_of(person("op@demo.example", ("operator",))).get(url).status_code == 404
    assert Client().get(url).status_code == 302


def test_the_campaign_page_is_public_and_leads_to_an_application():
    """process.md 11: window, requirements with clauses, documents; then the way in."""
    intake = campaign()
    text = words(Client().get(reverse("candidates:campaign", args=[intake.pk])))
    for expected in ("до 3 апреля 2026 г., 23:59", "приказ № 250н", "Трудовая книжка", "Зарегистрироваться"):
        assert expected in text
    user = person()
    response = client_of(user).post(reverse("candidates:start", args=[intake.pk]))
    application = Application.objects.get(user=user)
    assert response.url == page_of(application, "application")
    with clock.travel(CLOSES + SECOND):
        late = client_of(person("late@demo.example"))
        response = late.post(reverse("candidates:start", args=[intake.pk]), follow=True)
    assert "сейчас не идёт" in words(response)


def test_a_draft_says_loudly_that_it_is_not_submitted():
    """quality.md: a person always sees where he or she is."""
    application = draft()
    text = words(client_of(application.user).get(page_of(application, "application")))
    assert "НЕ ПОДАНО" in text and "3 апреля 2026 г., 23:59" in text
    assert text.count("Приложите документ") == 3


def test_a_field_is_saved_the_moment_it_changes():
    """Saved as one types, with the time beside it and a fresh judgement."""
    application = draft()
    client = client_of(application.user)
    profile = services.get_profile(application.user)
    url = page_of(application, "save_field", "no_criminal_record")
    data = {"no_criminal_record": "true", "version": profile.version}
    text = words(client.post(url, data, headers={"HX-Request": "true"}))
    assert "Сохранено в 12:00" in text
    assert f'value="{profile.version + 1}"' in text and "выполнено" in text
    assert Profile.objects.get().no_criminal_record is True


def test_a_field_in_error_says_so_and_is_not_saved():
    application = draft()
    url = page_of(application, "save_field", "phone")
    text = words(client_of(application.user).post(url, {"phone": "12", "version": 0}))
    assert "номер полностью" in text and Profile.objects.get().phone == ""


def test_the_second_tab_sees_both_values_and_chooses():
    """quality.md: two tabs never overwrite silently, with JavaScript and without."""
    application = draft()
    client, user = client_of(application.user), application.user
    profile = services.get_profile(user)
    services.save_profile(profile, actor=user, version=profile.version, post="Учитель")
    stale = {"post": "Директор", "version": profile.version}
    text = words(client.post(page_of(application, "save_field", "post"), stale))
    assert "Учитель" in text and "Директор" in text and Profile.objects.get().post == "Учитель"
    response = client.post(page_of(application, "questionnaire"), stale)
    assert response.status_code == 409
    assert "Учитель" in words(response) and "Директор" in words(response)
    fresh = {"post": "Директор", "version": profile.version + 1}
    client.post(page_of(application, "questionnaire"), {**fresh, "choose_post": "theirs"})
    assert Profile.objects.get().post == "Учитель"
    client.post(page_of(application, "questionnaire"), {**fresh, "choose_post": "mine"})
    assert Profile.objects.get().post == "Директор"


def test_the_questionnaire_saves_what_is_right_and_shows_what_is_not():
    """quality.md: nothing typed is ever lost."""
    application = draft()
    data = {"post": "Учитель", "phone": "12", "version": 0}
    text = words(client_of(application.user).post(page_of(application, "questionnaire"), data))
    assert "номер полностью" in text and 'value="12"' in text
    assert Profile.objects.get().post == "Учитель"


def test_rows_of_diplomas_are_added_changed_and_removed():
    application = draft()
    client = client_of(application.user)
    data = {
        "level": "master",
        "field": "pedagogy",
        "institution": "Университет",
        "speciality": "История",
        "year": "2010",
    }
    assert client.post(page_of(application, "add_education"), data).status_code == 302
    row = Education.objects.get()
    client.post(page_of(application, "change_education", row.pk), {**data, "year": "2011"})
    assert Education.objects.get().year == 2011
    assert "не позже 2026" in words(
        client.post(page_of(application, "add_education"), {**data, "year": "2090"})
    )
    stranger = draft(person("other@demo.example"), of=application.campaign)
    foreign = client_of(stranger.user).post(page_of(stranger, "remove_education", row.pk))
    assert foreign.status_code == 404
    client.post(page_of(application, "remove_education", row.pk))
    assert not Education.objects.exists()


def test_retraining_needs_its_hours_and_other_diplomas_have_none():
    """The list of requirements-and-forms.md: retraining with hours."""
    application = draft()
    client = client_of(application.user)
    data = {
        "level": "retraining",
        "field": "management",
        "institution": "Институт",
        "speciality": "Менеджмент",
        "year": "2015",
    }
    text = words(client.post(page_of(application, "add_education"), data))
    assert "сколько часов" in text and not Education.objects.exists()
    client.post(page_of(application, "add_education"), {**data, "hours": "256"})
    client.post(page_of(application, "add_education"), {**data, "hours": "256", "level": "master"})
    assert sorted(Education.objects.values_list("level", "hours")) == [("master", None), ("retraining", 256)]
    assert "256 часов" in words(client.get(page_of(application, "education")))


def test_achievements_are_added_changed_and_removed():
    application = draft()
    client = client_of(application.user)
    data = {
        "kind": "course",
        "title": "Современный директор",
        "year": "2025",
        "hours": "72",
        "details": "ТОИПКРО",
    }
    assert client.post(page_of(application, "add_achievement"), data).status_code == 302
    row = Achievement.objects.get()
    shown = words(client.get(page_of(application, "achievement")))
    assert "Современный директор" in shown and "72 часа" in shown
    client.post(page_of(application, "change_achievement", row.pk), {**data, "kind": "award"})
    row.refresh_from_db()
    assert (row.kind, row.hours) == ("award", None)
    assert "не позже 2026" in words(
        client.post(page_of(application, "add_achievement"), {**data, "year": "2090"})
    )
    stranger = draft(person("other@demo.example"), of=application.campaign)
    foreign = client_of(stranger.user).post(page_of(stranger, "remove_achievement", row.pk))
    assert foreign.status_code == 404
    client.post(page_of(application, "remove_achievement", row.pk))
    assert not Achievement.objects.exists()


def test_achievements_are_frozen_with_the_application_and_shown_with_it():
    application = complete_draft()
    user = application.user
    row = services.add_achievement(
        user.profile, actor=user, kind="award", title="Почётная грамота", year=2020, details="Минпросвещения"
    )
    services.submit_application(application, actor=user)
    services.remove_achievement(row, actor=user)
    shown = words(client_of(user).get(page_of(application, "package")))
    assert "Почётная грамота, 2020" in shown and "Минпросвещения" in shown


def test_a_snapshot_of_an_earlier_questionnaire_is_still_shown():
    application = submitted()
    for name in ("former_names", "degree", "wanted_places", "post_since"):
        del application.snapshot["profile"][name]
    del application.snapshot["achievements"]
    application.save()
    client = client_of(application.user)
    assert client.get(page_of(application, "package")).status_code == 200
    assert client.get(page_of(application, "form")).status_code == 200


def test_service_is_shown_with_common_days_counted_once():
    """T2, O1.6: two periods at once are one."""
    application = draft()
    profile = services.get_profile(application.user)
    for kind in ("teaching", "managing"):
        services.add_employment(
            profile,
            actor=application.user,
            kind=kind,
            organisation="Школа",
            post="учитель",
            since=date(2024, 4, 4),
        )
    text = words(client_of(application.user).get(page_of(application, "employment")))
    assert "Стаж на 3 апреля 2026" in text and text.count("<dd>2 года</dd>") == 4


def test_every_route_of_education_is_shown_with_its_conditions():
    """O1.6: four routes, each condition with what was found and what is missing."""
    application = draft(of=campaign("orenburg"))
    profile = services.get_profile(application.user)
    services.add_education(
        profile,
        actor=application.user,
        level="specialist",
        field="pedagogy",
        institution="Университет",
        speciality="Математика",
        year=2007,
    )
    text = words(client_of(application.user).get(page_of(application, "education")))
    tree = text[text.index('id="judgement"') :]
    tree = tree[: tree.index("</section>")]
    routes = application.campaign.edition.requirements.get(code="education").rule["any"]
    assert len(routes) == 4 and all(route["title"] in tree for route in routes)
    assert "Специалитет: Математика, 2007." in tree and "Достаточно одного" in tree
    assert "Ближайший путь" in tree
    services.add_education(
        profile,
        actor=application.user,
        level="retraining",
        field="management",
        institution="Институт",
        speciality="Менеджмент",
        year=2015,
        hours=256,
    )
    text = words(client_of(application.user).get(page_of(application, "education")))
    assert text.count("<details open>") == 1 and "Ближайший путь" not in text


def test_work_that_ends_before_it_begins_is_refused_at_the_field():
    application = draft()
    data = {"kind": "teaching", "organisation": "Школа", "post": "Учитель"}
    data |= {"since": "2020-01-02", "until": "2020-01-01"}
    assert "раньше её начала" in words(
        client_of(application.user).post(page_of(application, "add_employment"), data)
    )


def test_a_consent_is_unticked_and_given_on_its_own_page():
    """152-FZ, art. 9: the tick is the person's own; time and address are kept."""
    application = draft()
    client = client_of(application.user)
    text = services.texts_of(application.campaign.edition)[0]
    url = page_of(application, "consent", text.pk)
    shown = words(client.get(url))
    assert text.text[:60] in shown and "checked" not in shown
    assert "Отметьте, что даёте согласие" in words(client.post(url, {}))
    client.post(url, {"agree": "on"}, REMOTE_ADDR="192.0.2.9")
    given = Consent.objects.get()
    assert (given.address, given.given_at) == ("192.0.2.9", INSIDE)
    withdraw = page_of(application, "withdraw_consent", text.pk)
    assert "подать заявление нельзя" in words(client.get(withdraw))
    client.post(withdraw)
    given.refresh_from_db()
    assert given.withdrawn_at == INSIDE


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("пусто.pdf", b"", "пустой"),
        ("вид.pdf", b"MZ" + b"\0" * 90, "программа"),
        ("большой.png", None, "больше 1 МБ"),
    ],
)
def test_a_refused_file_is_named_beside_its_slot_and_the_other_is_kept(name, data, sentence):
    """Sentence and place; what was right is stored."""
    application = draft()
    application.campaign.edition.parameters.filter(key="max_file_mb").update(value=1)
    item = services.slots_of(application)[0]
    content = b"\x89PNG" + b"\0" * 1024 * 1024 if data is None else data
    files = [png("хороший.png"), SimpleUploadedFile(name, content)]
    client = client_of(application.user)
    response = client.post(page_of(application, "upload", item.pk), {"files": files})
    text = words(response)
    slot = text[text.index(f'id="slot-{item.pk}"') :]
    assert sentence in slot[: slot.index("</section>")]
    assert [file.original_name for file in PackageFile.objects.all()] == ["хороший.png"]


def test_files_are_read_by_whom_they_concern_and_each_read_is_recorded():
    """process.md 12: own, operator; a stranger meets 404; the person can see who read."""
    application = submitted()
    file = PackageFile.objects.first()
    urls = [
        reverse("candidates:preview", args=[file.pk]),
        reverse("candidates:page", args=[file.pk, 1]),
        reverse("candidates:download", args=[file.pk]),
        page_of(application, "package"),
    ]
    operator = person("op@demo.example", ("operator",))
    for url in urls:
        assert (
            client_of(person(f"s{urls.index(url)}@demo.example", ("commission",))).get(url).status_code == 404
        )
        own = client_of(application.user).get(url)
        assert own.status_code == 200
        content_of(own)
    reads = AuditEvent.objects.filter(is_read=True)
    assert not reads.exists()
    answers = [client_of(operator).get(url) for url in urls]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert answers[1]["Content-Type"] == "image/jpeg"
    assert "attachment" in answers[2]["Content-Disposition"]
    assert file.original_name not in answers[2]["Content-Disposition"]
    for answer in answers:
        content_of(answer)
    assert sorted(reads.values_list("action", flat=True)) == [
        "candidates.download_file",
        "candidates.read_file",
        "candidates.read_package",
    ]
    assert set(reads.values_list("person", flat=True)) == {application.user.pk}
    seen = words(client_of(application.user).get(reverse("candidates:reads")))
    assert seen.count(operator.full_name) >= 3 and "Записей: 3" in seen
    for deed in (
        "Пакет документов прочитан",
        "Файл пакета документов прочитан",
        "Файл пакета документов скачан",
    ):
        assert deed in seen


def test_submitting_twice_is_harmless_and_the_receipt_names_every_file():
    """Receipt with the inventory and SHA-256."""
    application = complete_draft()
    client = client_of(application.user)
    assert "Подтвердите" in words(client.post(page_of(application, "submit"), {}))
    for _ in range(2):
        client.post(page_of(application, "submit"), {"confirm": "on"})
    assert application.tracks.count() == 1
    shown = words(client.get(page_of(application, "application")))
    assert "ПОДАНО" in shown and "НЕ ПОДАНО" not in shown and "Зарегистрировать заявление" in shown
    texts = [paper_text(client, page_of(application, "receipt")) for _ in range(2)]
    assert IssuedPaper.objects.filter(kind="receipt").count() == 1
    text = texts[1]
    for file in PackageFile.objects.all():
        assert file.sha256 in "".join(text.split())
    assert application.user.last_name in text


def pdf_text(data):
    return subprocess.run(
        ["pdftotext", "-", "-"], input=data, capture_output=True, check=True
    ).stdout.decode()


def paper_text(client, url):
    response = client.get(url, follow=True)
    return pdf_text(content_of(response))


def test_consent_and_filled_form_are_given_as_papers():
    """T1: the form is filled from the questionnaire, the consent shows version, time and address."""
    application = complete_draft()
    client = client_of(application.user)
    consent = Consent.objects.get()
    text = " ".join(paper_text(client, reverse("candidates:consent_paper", args=[consent.pk])).split())
    assert "192.0.2.7" in text and "Версия текста: 1" in text
    form = client.get(page_of(application, "form"))
    assert "Педагогический университет" in " ".join(pdf_text(form.content).split())
    other = client_of(person("other@demo.example"))
    assert other.get(reverse("candidates:consent_paper", args=[consent.pk])).status_code == 404
    assert other.get(page_of(application, "form")).status_code == 404


def test_what_does_not_fit_is_told_loudly_and_may_be_submitted():
    """T2: a requirement not met is a warning."""
    application = complete_draft()
    Education.objects.filter(level="retraining").delete()
    client = client_of(application.user)
    text = words(client.get(page_of(application, "submit")))
    assert "не выполнены" in text and "могут не допустить" in text
    client.post(page_of(application, "submit"), {"confirm": "on"})
    application.refresh_from_db()
    assert application.state == ApplicationState.SUBMITTED


def test_a_second_after_the_end_the_page_refuses_and_says_why():
    """T1, Civil Code 194."""
    application = complete_draft()
    with clock.travel(CLOSES + SECOND):
        response = client_of(application.user).post(
            page_of(application, "submit"), {"confirm": "on"}, follow=True
        )
    assert "уже нельзя" in words(response)
    application.refresh_from_db()
    assert application.state == ApplicationState.DRAFT


def sent_back():
    application = submitted()
    operator = person("op@demo.example", ("operator",))
    APPLICATION.apply(application, "register", actor=operator)
    item = services.slots_of(application)[1]
    application.items.update(verdict=Verdict.ACCEPTED)
    application.items.filter(pk=item.pk).update(verdict=Verdict.CORRECT, words="Не видно печати")
    APPLICATION.apply(application, "request_correction", actor=operator)
    application.refresh_from_db()
    return application, item


def test_the_correction_round_shows_only_what_must_be_mended():
    """The operator's words beside the slot; the others are closed."""
    application, item = sent_back()
    client = client_of(application.user)
    text = words(client.get(page_of(application, "documents")))
    assert text.count('class="panel slot"') == 1 and "Не видно печати" in text
    other = application.items.exclude(pk=item.pk).first()
    assert client.post(page_of(application, "upload", other.pk), {"files": [png()]}).status_code == 403
    client.post(page_of(application, "send_corrections"))
    application.refresh_from_db()
    assert application.state == ApplicationState.CORRECTION
    client.post(page_of(application, "upload", item.pk), {"files": [png("новый.png")]})
    client.post(page_of(application, "send_corrections"))
    application.refresh_from_db()
    assert application.state == ApplicationState.REGISTERED
    # The replaced file is history: for the person and the operator alone.
    old = PackageFile.objects.exclude(removed_at=None).get()
    assert client.get(reverse("candidates:preview", args=[old.pk])).status_code == 200


def test_after_submission_the_filling_pages_are_closed():
    application = submitted()
    client = client_of(application.user)
    for name in ("questionnaire", "education", "employment", "choices"):
        assert client.get(page_of(application, name)).status_code == 403
    assert client.get(page_of(application, "submit")).status_code == 302


def test_withdrawal_and_declining_explain_first():
    """process.md 3: the candidate withdraws, declines an invitation."""
    application = submitted()
    client = client_of(application.user)
    track = application.tracks.get()
    TRACK.apply(track, "admit", actor=None)
    url = reverse("candidates:decline", args=[track.pk])
    assert client_of(person("other@demo.example")).get(url).status_code == 404
    assert "резерв не включают" in words(client.get(url))
    client.post(url, {"reason": "Болезнь"})
    track.refresh_from_db()
    assert track.state == "declined"
    shown = words(client.post(page_of(application, "withdraw"), {"reason": ""}, follow=True))
    assert "принято решение" in shown or "отозвано" in shown


def test_a_withdrawn_application_waits_for_no_decision():
    """process.md 3: what has ended neither looks submitted nor announces a decision."""
    application = submitted()
    client = client_of(application.user)
    assert "ещё не принято" in words(client.get(page_of(application, "application")))
    client.post(page_of(application, "withdraw"), {"reason": ""})
    text = words(client.get(page_of(application, "application")))
    assert "Было подано" in text and "ПОДАНО" not in text and "ещё не принято" not in text


def test_the_home_page_shouts_while_nothing_is_submitted():
    """process.md 12: what waits for me."""
    user = person()
    intake = campaign()
    assert [card.title for card in cards_for(user)][:1] == ["Можно подать заявление"]
    application = services.start_application(user, campaign=intake)
    first = cards_for(user)[0]
    assert (first.title, first.urgent) == ("Заявление НЕ ПОДАНО", True)
    assert "НЕ ПОДАНО" in words(client_of(user).get(reverse("home")))
    with clock.travel(CLOSES + timedelta(days=1)):
        assert not cards_for(user)[0].urgent
    assert application.state == ApplicationState.DRAFT


def test_the_front_page_announces_campaigns():
    """process.md 11: coming and open campaigns with the window in the region's time."""
    intake = campaign()
    text = words(Client().get(reverse("pages:front")))
    assert intake.name in text and "3 апреля 2026 г., 23:59" in text


QUERIES = {
    "education": 16,
    "employment": 16,
    "achievement": 16,
    "documents": 11,
    "submit": 27,
    "package": 15,
    "my": 8,
}


@pytest.mark.parametrize("rows", [1, 3])
def test_the_number_of_queries_does_not_depend_on_the_rows(rows):
    """quality.md: the pages that list rows."""
    application = complete_draft()
    user = application.user
    for number in range(rows - 1):
        fill_profile(user)
        services.add_achievement(user.profile, actor=user, kind="award", title="Грамота", year=2020)
        draft(user, of=campaign(name=f"Ещё набор {number}"))
        for item in services.slots_of(application):
            services.add_file(item, name="ещё.png", data=picture(), actor=user)
    client = client_of(user)
    client.get(page_of(application, "education"))
    counts = {}
    for name in QUERIES:
        url = reverse("candidates:my") if name == "my" else page_of(application, name)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        counts[name] = len(captured)
    assert counts == QUERIES


def test_the_consent_to_publication_is_given_item_by_item_with_prohibitions():
    """152-FZ, art. 10.1: nothing is ticked beforehand, each item is allowed on its own, others may be forbidden."""
    application = draft()
    client = client_of(application.user)
    text = next(row for row in services.texts_of(application.campaign.edition) if row.kind == "dissemination")
    url = page_of(application, "consent", text.pk)
    assert "checked" not in words(client.get(url))
    assert "Отметьте хотя бы одно" in words(client.post(url, {"agree": "on"}))
    assert words(client.post(url, {"agree": "on", "items": ["passport"]})) and not Consent.objects.exists()
    client.post(url, {"agree": "on", "items": ["name"], "prohibitions": ["transfer"]})
    given = Consent.objects.get()
    assert (given.items, given.prohibitions) == (["name"], ["transfer"])
    shown = words(client.get(url))
    assert "Можно публиковать: фамилия, имя, отчество." in shown
    assert "Другим запрещено: передавать эти сведения другим." in shown
    paper = client.get(reverse("candidates:consent_paper", args=[given.pk]), follow=True)
    assert content_of(paper).startswith(b"%PDF")
