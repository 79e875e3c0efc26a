"""Results from Moodle's web service: fetched by a job, previewed like a file (domain/moodle.md)."""

import time
from datetime import date
from decimal import Decimal
from ipaddress import ip_address

import pytest
from django.db import connection
from django.urls import reverse

from assessment.models import ImportDraft, MoodleService, Result
from assessment.moodle import client as moodle_client
from assessment.moodle import read_export
from assessment.moodle.client import MoodleClient, MoodleError, address_problem, is_public
from assessment.moodle.web import fetch_gradebook, fetch_quiz
from assessment.services.imports import apply_draft, preview_draft
from assessment.services.moodle_service import ask_for_results, set_moodle_service
from assessment.tests.factories import make_open_procedure, make_person, make_track, moment
from assessment.tests.moodle_site import (
    NO_ACCESS,
    TOKEN,
    MoodleSite,
    grade_item,
    quiz_attempt,
    user,
    usergrades,
)
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.jobs import claim_job, run_job

NAMES = (
    "Государственная политика в сфере образования",
    "Психология управления",
    "Решение управленческого кейса",
)
ANNA, BORIS = (
    user(11, "Анна", "Ёлкина", "anna@example.org", "KR-1"),
    user(12, "Борис", "Чижов", "boris@example.org"),
)


def silent(done, total):
    """Progress that nobody watches."""


def grades(*marks):
    parts = [
        grade_item(number, name, "mod", mark, top)
        for number, (name, mark, top) in enumerate(zip(NAMES, marks, (20, 20, 60), strict=True), start=1)
    ]
    total = None if None in marks else sum(marks)
    return [*parts, grade_item(9, None, "course", total, 100)]


def gradebook_site():
    return MoodleSite(
        core_enrol_get_enrolled_users=[ANNA, BORIS],
        gradereport_user_get_grade_items=usergrades(
            7, (ANNA, grades(12.5, 13.33333, 50)), (BORIS, grades(None, None, None))
        ),
    )


def quiz_site(**more):
    attempts = {
        11: [
            quiz_attempt(1, 11, 1, "finished", 5.25, 1765700000),
            quiz_attempt(2, 11, 2, "inprogress", None, 1765800000),
        ],
        12: [],
    }
    quiz = {
        "id": 31,
        "coursemodule": 77,
        "course": 7,
        "name": "Итоговый тест",
        "grade": 100,
        "sumgrades": 7.5,
    }
    return MoodleSite(
        core_enrol_get_enrolled_users=[ANNA, BORIS],
        mod_quiz_get_quizzes_by_courses={"quizzes": [quiz], "warnings": []},
        **{
            "mod_quiz_get_user_quiz_attempts": lambda given: {
                "attempts": attempts[int(given["userid"])],
                "warnings": [],
            },
            **more,
        },
    )


def client_of(site, **fields):
    return MoodleClient(site.address, fields.pop("token", TOKEN), (site.host,), **fields)


# --- What comes from the service -------------------------------------------------------------------------------------


def test_the_gradebook_comes_as_the_table_a_download_would_be():
    with gradebook_site() as site:
        data = fetch_gradebook(client_of(site), 7, silent)
    export = read_export("Moodle.csv", data)
    assert (export.kind, [column.title for column in export.columns]) == (
        "gradebook",
        [f"Тест:{name} (Значение)" for name in NAMES],
    )
    anna, boris = export.rows
    assert (anna.email, anna.id_number, anna.total) == ("anna@example.org", "KR-1", Decimal("75.83333"))
    assert list(anna.scores.values()) == [Decimal("12.5"), Decimal("13.33333"), Decimal(50)]
    assert (boris.state, boris.total) == ("not_attempted", None)
    assert site.paths == ["/moodle/webservice/rest/server.php"] * 2  # the token stands in no address
    assert site.calls == [
        ("core_enrol_get_enrolled_users", {"courseid": "7"}),
        ("gradereport_user_get_grade_items", {"courseid": "7"}),
    ]


@pytest.mark.parametrize("quiz", ["Итоговый тест", "31", "77"])
def test_attempts_of_one_quiz_are_brought_to_its_scale(quiz):
    with quiz_site() as site:
        data = fetch_quiz(client_of(site), 7, quiz, silent)
    export = read_export("Moodle.csv", data)
    assert (export.kind, export.total_maximum) == ("quiz", Decimal(100))
    assert [(row.email, row.state, row.total) for row in export.rows] == [
        ("anna@example.org", "finished", Decimal("70.0000000")),
        ("anna@example.org", "in_progress", None),
        ("boris@example.org", "not_attempted", None),
    ]
    assert site.calls[0] == ("mod_quiz_get_quizzes_by_courses", {"courseids[0]": "7"})


def test_an_older_site_is_asked_by_the_older_function():
    attempts = {"attempts": [quiz_attempt(1, 11, 1, "finished", 3, 1765700000)], "warnings": []}
    for refusal in (NO_ACCESS, None):
        answers = {"mod_quiz_get_user_attempts": attempts}
        site = quiz_site(**answers)
        if refusal:
            site.answers["mod_quiz_get_user_quiz_attempts"] = refusal
        else:
            del site.answers["mod_quiz_get_user_quiz_attempts"]
        with site:
            data = fetch_quiz(client_of(site), 7, "31", silent)
        assert [row.total for row in read_export("Moodle.csv", data).rows] == [Decimal(40)] * 2
        names = [name for name, _ in site.calls[2:]]
        assert names == ["mod_quiz_get_user_quiz_attempts", *["mod_quiz_get_user_attempts"] * 2]


def test_a_grade_without_end_is_cut_and_helps_nobody_over_the_threshold():
    site = quiz_site()
    site.answers["mod_quiz_get_quizzes_by_courses"]["quizzes"][0].update(grade=70, sumgrades=3)
    site.answers["mod_quiz_get_user_quiz_attempts"] = {
        "attempts": [quiz_attempt(1, 11, 1, "finished", 2.99999, 1765700000)]
    }
    with site:
        export = read_export("Moodle.csv", fetch_quiz(client_of(site), 7, "31", silent))
    assert export.rows[0].total == Decimal("69.9997666")


def test_what_waits_for_its_grade_is_not_a_result():
    site = quiz_site()
    site.answers["mod_quiz_get_user_quiz_attempts"] = {
        "attempts": [
            quiz_attempt(1, 11, 1, "submitted", None, 1765700000),
            quiz_attempt(2, 11, 2, "finished", None, 1765710000),
            quiz_attempt(3, 11, 3, "abandoned", None, 1765720000),
        ]
    }
    with site:
        export = read_export("Moodle.csv", fetch_quiz(client_of(site), 7, "31", silent))
    assert [row.state for row in export.rows[:3]] == ["ungraded", "ungraded", "never_submitted"]
    assert not any(row.problems for row in export.rows)


# --- What goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (NO_ACCESS, "не разрешена функция core_enrol_get_enrolled_users"),
        (
            {"exception": "required_capability_exception", "errorcode": "nopermissions", "message": "x"},
            "нет прав",
        ),
        (
            {"exception": "moodle_exception", "errorcode": "servicenotavailable", "message": "x"},
            "выключена",
        ),
        ({"exception": "coding_exception", "errorcode": "codingerror", "message": "Odd  thing"}, "Odd thing"),
        ({"exception": "invalid_parameter_exception", "errorcode": "invalidparameter"}, "invalidparameter"),
        ([], "никто не записан"),
        ({"some": "thing"}, "не списком людей"),
        ([user(1, "Анна", "Ёлкина")], "ни адресов, ни номеров"),
    ],
)
def test_errors_with_status_200_are_understood(answer, words):
    with (
        MoodleSite(core_enrol_get_enrolled_users=answer) as site,
        pytest.raises(MoodleError, match=words) as caught,
    ):
        fetch_gradebook(client_of(site), 7, silent)
    assert TOKEN not in str(caught.value)


def test_a_token_that_is_not_known_is_named_as_such():
    with gradebook_site() as site, pytest.raises(MoodleError, match="не принял токен") as caught:
        fetch_gradebook(client_of(site, token="wrong"), 7, silent)
    assert caught.value.code == "invalidtoken" and "wrong" not in repr(client_of(site, token="wrong"))


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ((200, {"Content-Type": "text/html"}, b"<html>login</html>"), "не веб-служба"),
        ((303, {"Location": "http://169.254.169.254/"}, b""), "перенаправляет"),
        ((503, {}, b"maintenance"), "кодом 503"),
        ((200, {}, b"\xff\xfe"), "не в формате JSON"),
        ((200, {}, b"[" + b"1," * 700_000 + b"1]"), "больше 1 МБ"),
    ],
)
def test_answers_that_are_no_answers(raw, words):
    with MoodleSite() as site, pytest.raises(MoodleError, match=words):
        site.raw = raw
        client_of(site, max_answer=1024 * 1024).call("core_webservice_get_site_info")


def test_a_silent_site_does_not_hold_the_portal():
    site = MoodleSite(slow=lambda given: time.sleep(1))
    with site, pytest.raises(MoodleError, match="не ответил вовремя"):
        client_of(site, seconds=0.2).call("slow")
    with pytest.raises(MoodleError, match="Соединиться с Moodle не удалось"):
        client_of(site).call("gone")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("https://do.example.org", ""),
        ("https://do.example.org/moodle", ""),
        ("http://do.example.org", "https"),
        ("ftp://do.example.org", "целиком"),
        ("do.example.org", "целиком"),
        ("https://user:secret@do.example.org", "пароля"),
        ("https://do.example.org/?a=1", "«?»"),
        ("https://do.example.org:8443", "Порт"),
        ("https://do.example.org:port", "не адрес"),
        ("https://127.0.0.1", "внутренний"),
        ("https://10.1.2.3", "внутренний"),
        ("https://169.254.169.254", "внутренний"),
        ("https://[::1]", "внутренний"),
        ("https://[::ffff:127.0.0.1]", "внутренний"),
        ("https://localhost", "внутренний"),
        ("http://moodle.lan:8080", ""),
    ],
)
def test_only_sites_of_the_internet_are_talked_to(address, words):
    problem = address_problem(address, ["moodle.lan:8080"])
    assert words in problem if words else not problem


def test_a_name_that_leads_inside_is_refused_when_it_is_resolved(monkeypatch):
    """A name may look public and mean an inner address, or begin to: the connection goes to what was checked."""
    found = [(2, 1, 6, "", ("93.184.215.14", 443)), (2, 1, 6, "", ("10.0.0.5", 443))]
    monkeypatch.setattr(moodle_client.socket, "getaddrinfo", lambda *args, **kwargs: found)
    with pytest.raises(MoodleError, match="внутреннюю сеть"):
        MoodleClient("https://do.example.org", TOKEN).call("x")
    tried = []

    def connect(address, timeout):
        tried.append(address)
        raise OSError

    found.pop()
    monkeypatch.setattr(moodle_client.socket, "create_connection", connect)
    with pytest.raises(MoodleError, match="не удалось"):
        MoodleClient("https://do.example.org", TOKEN).call("x")
    assert tried == [("93.184.215.14", 443)]


def test_wrapped_addresses_are_judged_by_what_they_wrap():
    inner = (
        "127.0.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "::ffff:10.0.0.1",
        "fe80::1",
        "fd00::1",
        "224.0.0.1",
        "0.0.0.0",
    )
    assert not any(is_public(ip_address(text)) for text in inner)
    assert is_public(ip_address("93.184.215.14")) and is_public(
        ip_address("2606:2800:21f:cb07:6820:80da:af6b:8b2c")
    )


# --- The job and its pages -------------------------------------------------------------------------------------------


@pytest.fixture
def in_december(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with clock.travel(moment(date(2026, 12, 17))):
        yield


@pytest.fixture
def tracks(in_december, campaign):
    people = [
        make_person("candidate", email=row["email"], last_name=row["lastname"], first_name=row["firstname"])
        for row in (ANNA, BORIS)
    ]
    return [make_track(campaign, user=person) for person in people]


@pytest.fixture
def procedure(campaign, operator, tracks):
    return make_open_procedure(campaign, operator)


def run(job):
    token = claim_job(job.pk)
    assert token
    run_job(job.pk, token)
    job.refresh_from_db()


def test_fetched_results_take_the_way_of_a_file(procedure, operator, tracks, settings):
    with gradebook_site() as site:
        settings.MOODLE_TRUSTED_HOSTS = [site.host]
        set_moodle_service(procedure, address=site.address + "/", course=7, token=TOKEN, actor=operator)
        job = ask_for_results(procedure, actor=operator)
        with pytest.raises(GateShut, match="уже запрашиваются"):
            ask_for_results(procedure, actor=operator)
        run(job)
    draft = ImportDraft.objects.get()
    assert (job.state, job.result, job.done, draft.uploaded_by) == ("done", {"draft": draft.pk}, 2, operator)
    assert not Result.objects.exists()
    assert [row.label for row in preview_draft(draft).rows] == ["новый", "пропущен"]
    applied = apply_draft(draft, actor=operator)
    assert (Result.objects.get().track, Result.objects.get().points) == (tracks[0], Decimal("75.83333"))
    assert applied.source.sha256 and applied.source.file.size


def test_what_a_person_has_to_mend_is_said_and_not_tried_again(procedure, operator, settings):
    with gradebook_site() as site:
        settings.MOODLE_TRUSTED_HOSTS = [site.host]
        set_moodle_service(procedure, address=site.address, course=7, token="stale", actor=operator)
        job = ask_for_results(procedure, actor=operator)
        run(job)
    assert (job.state, job.attempts) == ("done", 1)
    assert "не принял токен" in job.result["problem"] and not ImportDraft.objects.exists()


def test_the_token_is_sealed_and_goes_to_no_other_site(procedure, operator):
    set_moodle_service(procedure, address="https://do.example.org", course=7, token=TOKEN, actor=operator)
    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM assessment_moodleservice")
        stored = cursor.fetchone()[0]
    assert TOKEN not in stored and MoodleService.objects.get().token == TOKEN
    with pytest.raises(GateShut, match="прежний относится к другому адресу"):
        set_moodle_service(procedure, address="https://evil.example.org", course=7, actor=operator)
    set_moodle_service(procedure, address="https://do.example.org", course=8, actor=operator)
    assert (MoodleService.objects.get().token, MoodleService.objects.get().course) == (TOKEN, 8)
    assert not any(TOKEN in str(event.details) for event in AuditEvent.objects.all())


def test_the_operators_page_never_shows_the_token(client, procedure, operator, settings):
    client.force_login(operator)
    url = reverse("admin:assessment_procedure_moodle", args=[procedure.pk])
    data = {"address": "http://127.0.0.1/", "course": "7", "token": TOKEN, "quiz": ""}
    assert "https" in client.post(url, data).content.decode() and not MoodleService.objects.exists()
    with gradebook_site() as site:
        settings.MOODLE_TRUSTED_HOSTS = [site.host]
        assert client.post(url, {**data, "address": site.address}).status_code == 302
        page = client.get(url).content.decode()
        assert TOKEN not in page and site.address in page
        fetch = reverse("admin:assessment_procedure_fetch", args=[procedure.pk])
        assert client.get(fetch).status_code == 302 and not ImportDraft.objects.exists()
        page = client.post(fetch, follow=True).content.decode()
    assert "Последний запрос" in page


@pytest.mark.parametrize("role", ["auditor", "authority", "candidate"])
def test_nobody_but_the_operator_opens_the_service(client, procedure, role):
    client.force_login(make_person(role))
    for name in ("moodle", "fetch"):
        url = reverse(f"admin:assessment_procedure_{name}", args=[procedure.pk])
        assert client.post(url).status_code in (302, 403)
        assert not MoodleService.objects.exists()
