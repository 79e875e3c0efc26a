"""Requests of people about their personal data (152-FZ, article 20)."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from candidates.models import SubjectRequest
from candidates.perms import can_answer_subject_request
from candidates.services.requests import answer_request, make_request
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.tests.factories import UserFactory, person_with
from reserve_portal.core import clock
from reserve_portal.core.context import begin_unit_of_work
from reserve_portal.core.gates import GateShut
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.notifications.models import Letter
from reserve_portal.regulations.models import Deadline

WEDNESDAY = date(2026, 3, 11)


@pytest.fixture(autouse=True)
def a_day(travel):
    with travel(WEDNESDAY):
        yield


@pytest.mark.parametrize("region", ["tomsk", "orenburg"])
def test_a_request_is_answered_within_ten_working_days(request, region):
    """Both regions: from 11 March the last day is 25 March; the answer closes the limit and goes out by letter."""
    edition = request.getfixturevalue(region)
    user = UserFactory(candidate=True)
    row = make_request(user, kind="access", text="Какие данные обо мне хранятся?")
    deadline = Deadline.objects.about(row).get()
    assert (deadline.due_on, deadline.responsible) == (date(2026, 3, 25), "operator")
    assert row.edition == edition and "25.03.2026" in Letter.objects.get(kind="subject_request.received").body
    answer_request(row, answer="Анкета и документы пакета.", actor=UserFactory(operator=True))
    deadline.refresh_from_db()
    assert deadline.closed_on == clock.today()
    assert "Анкета и документы" in Letter.objects.get(kind="subject_request.answered", to=user).body


@pytest.mark.parametrize(("day", "late"), [(25, False), (26, True)])
def test_an_answer_after_the_tenth_day_was_late(tomsk, travel, day, late):
    """On the last day in time, the day after late."""
    row = make_request(UserFactory(candidate=True), kind="stop", text="Прекратите")
    with travel(date(2026, 3, day)):
        answer_request(row, answer="Прекращено.", actor=UserFactory(operator=True))
    assert Deadline.objects.about(row).get().was_late is late


def test_one_request_of_a_kind_at_a_time_and_one_answer(tomsk):
    """A double click makes one request; another kind may be asked for beside it."""
    user = UserFactory(candidate=True)
    row = make_request(user, kind="correct", text="Отчество с ошибкой")
    with pytest.raises(GateShut, match="уже ждёт ответа"):
        make_request(user, kind="correct", text="Отчество")
    make_request(user, kind="delete", text="Удалите")
    with pytest.raises(GateShut, match="Напишите ответ"):
        answer_request(row, answer=" ", actor=None)
    answer_request(row, answer="Исправлено", actor=None)
    with pytest.raises(TransitionRefused):
        answer_request(row, answer="Ещё раз", actor=None)


def test_a_person_asks_in_the_cabinet_and_sees_the_own_requests_alone(tomsk, client_of):
    """The form, the answer on the same page; nobody else's."""
    user = UserFactory(candidate=True)
    make_request(UserFactory(candidate=True), kind="access", text="Чужой вопрос")
    browser = client_of(user)
    address = reverse("candidates:requests")
    assert "Выберите вариант" in browser.post(address, {"text": "Что хранится?"}).content.decode()
    answer = browser.post(address, {"kind": "access", "text": "Что хранится?"}, follow=True)
    assert "Запрос принят" in answer.content.decode()
    answer_request(SubjectRequest.objects.get(user=user), answer="Только анкета", actor=None)
    text = browser.get(address).content.decode()
    assert "Только анкета" in text and "Чужой вопрос" not in text


def test_a_link_from_elsewhere_has_chosen_what_is_asked(tomsk, client_of):
    """Whoever withdrew a consent is led to the request to stop; a made-up kind chooses nothing."""
    browser, address = client_of(UserFactory(candidate=True)), reverse("candidates:requests")
    (chosen,) = re.findall(r"<input[^>]*checked[^>]*>", browser.get(f"{address}?kind=stop").content.decode())
    assert 'value="stop"' in chosen
    assert "checked" not in browser.get(f"{address}?kind=all").content.decode()


def test_the_operator_answers_in_the_admin(tomsk, client_of):
    """Only the operator; an auditor reads."""
    assert [role for role in Role if can_answer_subject_request(person_with(role))] == [Role.OPERATOR]
    row = make_request(UserFactory(candidate=True), kind="access", text="Что хранится?")
    address = reverse("admin:candidates_subjectrequest_answer", args=[row.pk])
    assert client_of(person_with(Role.AUDITOR)).post(address, {"answer": "Нет"}).status_code == 403
    browser = client_of(UserFactory(operator=True))
    assert "Что хранится?" in browser.get(address).content.decode()
    assert "Ответ отправлен" in browser.post(address, {"answer": "Анкета"}, follow=True).content.decode()
    row.refresh_from_db()
    assert row.answer == "Анкета"


def test_list_of_requests_costs_the_same_for_one_and_three(tomsk, client_of):
    """quality.md: the number of queries does not depend on the rows."""
    user = UserFactory(candidate=True)
    browser, counts = client_of(user), []
    for kinds in (["access"], ["correct", "stop"]):
        for kind in kinds:
            make_request(user, kind=kind, text="Вопрос")
        begin_unit_of_work()
        with CaptureQueriesContext(connection) as caught:
            browser.get(reverse("candidates:requests"))
        counts.append(len(caught))
    assert counts[0] == counts[1]
