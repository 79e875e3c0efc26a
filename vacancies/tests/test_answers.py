"""The answers to the municipality, as papers: the shortlist, or that nobody suits (process.md 9)."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from reserve_portal.accounts.models import User
from reserve_portal.accounts.tests.factories import person_with
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.notifications.models import Letter
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.perms import can_read_paper
from reserve_portal.regulations.models import Edition
from vacancies.models import Vacancy
from vacancies.services.answers import issue_answer, issue_nobody
from vacancies.services.matching import start_matching
from vacancies.services.referrals import refuse_offer, release_referral

from .factories import accepted, ask, make_reservist, make_vacancy, presented


def test_the_answer_names_those_presented_with_the_advantage_and_nobody_else(
    tomsk: Edition, operator: User
) -> None:
    """T7: the advantage stands as the frozen order had it; who only agreed is not named."""
    vacancy = make_vacancy(tomsk)
    first = presented(vacancy, make_reservist(tomsk, events=3), operator)
    waiting = accepted(vacancy, make_reservist(tomsk), operator)
    paper = issue_answer(vacancy, actor=operator)
    names = [row.reservist.user.full_name for row in (first, waiting)]
    assert [name in paper.html for name in names] == [True, False]
    assert "(п. 7 алгоритма раздела 4)" in paper.html and "есть: плановых мероприятий: 3" in paper.html
    assert "Зелёная" in paper.html and "на № В-2026-001" in paper.html and paper.number == "ОВ-2026-001"
    letter = Letter.objects.get(kind="vacancy.answered")
    assert letter.to == vacancy.reported_by and paper.number in letter.body
    assert can_read_paper(vacancy.reported_by, paper) and can_read_paper(person_with("authority"), paper)
    assert not can_read_paper(first.reservist.user, paper)
    assert not can_read_paper(person_with("municipal"), paper)


def test_o8_3_the_answer_keeps_the_zone_and_what_would_tell_it(orenburg: Edition, operator: User) -> None:
    """A municipality does not see zones there; the advantage of the green zone would tell them."""
    vacancy = make_vacancy(orenburg)
    person = presented(vacancy, make_reservist(orenburg), operator)
    html = issue_answer(vacancy, actor=operator).html
    assert person.reservist.user.full_name in html
    assert "зона" not in html.lower() and "Преимущество" not in html


def test_the_answer_waits_for_somebody_presented_and_is_not_repeated(tomsk: Edition, operator: User) -> None:
    vacancy = make_vacancy(tomsk)
    ask(vacancy, make_reservist(tomsk), operator)
    with pytest.raises(GateShut, match="кто-то представлен"):
        issue_answer(vacancy, actor=operator)
    presented(vacancy, make_reservist(tomsk), operator)
    issue_answer(vacancy, actor=operator)
    with pytest.raises(GateShut, match="уже выдан"):
        issue_answer(vacancy, actor=operator)


def test_somebody_presented_later_is_answered_about_anew(tomsk: Edition, operator: User) -> None:
    """The first answer stays as it was issued."""
    vacancy = make_vacancy(tomsk)
    presented(vacancy, make_reservist(tomsk), operator)
    issue_answer(vacancy, actor=operator)
    with clock.travel(clock.now() + timedelta(hours=1)):
        second = presented(vacancy, make_reservist(tomsk), operator)
        answer = issue_answer(vacancy, actor=operator)
    assert second.reservist.user.full_name in answer.html and answer.number == "ОВ-2026-002"


def test_the_operator_answers_from_the_case(tomsk: Edition, operator: User) -> None:
    """The page says who will be named; afterwards the municipality finds the paper in its case."""
    vacancy = make_vacancy(tomsk)
    referral = presented(vacancy, make_reservist(tomsk), operator)
    page = reverse("admin:vacancies_answer", args=[vacancy.pk])
    case = reverse("admin:vacancies_case", args=[vacancy.pk])
    client = signed_in(operator)
    assert page in client.get(case).content.decode()
    assert referral.reservist.user.full_name in client.get(page).content.decode()
    client.post(page)
    paper = IssuedPaper.objects.about(vacancy).get(kind="vacancy_answer")
    assert page not in client.get(case).content.decode()
    assert paper.number in municipal_case(vacancy)


def test_that_nobody_suits_is_answered_with_numbers_and_no_names(tomsk: Edition, operator: User) -> None:
    """T9: the case stays open; who refused and who is elsewhere are counted, together everybody of the group."""
    vacancy = make_vacancy(tomsk)
    elsewhere = presented(make_vacancy(tomsk), make_reservist(tomsk), operator)
    refused = ask(vacancy, make_reservist(tomsk), operator)
    with pytest.raises(GateShut, match="дождитесь ответа"):
        issue_nobody(vacancy, actor=operator)
    refuse_offer(refused, actor=refused.reservist.user, reason="Не готов к переезду.")
    paper = issue_nobody(vacancy, actor=operator)
    assert [int(text) for text in re.findall(r'<td class="num">(\d+)</td>', paper.html)] == [2, 1, 0, 1]
    assert not any(row.reservist.user.last_name in paper.html for row in (elsewhere, refused))
    assert (
        "только из кадрового резерва (п. 9 алгоритма раздела 4)" in paper.html
        and "на № В-2026-" in paper.html
    )
    assert paper.number == "ОВ-2026-001"
    vacancy.refresh_from_db()
    assert vacancy.state == "matching"
    letter = Letter.objects.get(kind="vacancy.nobody")
    assert letter.to == vacancy.reported_by and paper.number in letter.body
    assert can_read_paper(vacancy.reported_by, paper) and not can_read_paper(person_with("municipal"), paper)


def test_both_answers_are_numbered_in_one_series_and_none_is_repeated(tomsk: Edition, operator: User) -> None:
    """Only something new in the case makes room for the same answer again."""
    vacancy = make_vacancy(tomsk)
    with pytest.raises(GateShut, match="пока идёт подбор"):
        issue_nobody(vacancy, actor=operator)
    start_matching(vacancy, actor=operator)
    issue_nobody(vacancy, actor=operator)
    with pytest.raises(GateShut, match="ничего не изменилось"):
        issue_nobody(vacancy, actor=operator)
    with clock.travel(clock.now() + timedelta(days=1)):
        someone = make_reservist(tomsk)
        with pytest.raises(GateShut, match="можно спросить"):
            issue_nobody(vacancy, actor=operator)
        nominee = presented(vacancy, someone, operator)
        assert issue_answer(vacancy, actor=operator).number == "ОВ-2026-002"
        release_referral(nominee, actor=operator, reason="Заболел.")
        refuse_offer(ask(vacancy, someone, operator), actor=someone.user, reason="Передумал после болезни.")
        vacancy.refresh_from_db()
        assert issue_nobody(vacancy, actor=operator).number == "ОВ-2026-003"


def test_o7_3_where_an_outsider_may_be_appointed_the_answer_says_so(
    orenburg: Edition, operator: User
) -> None:
    """People of another target group are no part of the numbers."""
    vacancy = make_vacancy(orenburg)
    make_reservist(orenburg, target_group=orenburg.target_groups.first())
    start_matching(vacancy, actor=operator)
    html = issue_nobody(vacancy, actor=operator).html
    assert "вы можете назначить другого человека" in html and "только из кадрового резерва" not in html
    assert re.findall(r'<td class="num">(\d+)</td>', html) == ["0", "0", "0", "0"]


def test_the_operator_says_from_the_case_that_nobody_suits(tomsk: Edition, operator: User) -> None:
    """The button stands there while there is nobody to ask; the municipality finds the paper in its case."""
    vacancy = make_vacancy(tomsk)
    page = reverse("admin:vacancies_nobody", args=[vacancy.pk])
    case = reverse("admin:vacancies_case", args=[vacancy.pk])
    client = signed_in(operator)
    assert page not in client.get(case).content.decode()
    start_matching(vacancy, actor=operator)
    assert page in client.get(case).content.decode()
    assert "Вакансия остаётся открытой" in client.get(page).content.decode()
    client.post(page)
    paper = IssuedPaper.objects.about(vacancy).get(kind="vacancy_nobody")
    assert page not in client.get(case).content.decode()
    assert paper.number in municipal_case(vacancy)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def municipal_case(vacancy: Vacancy) -> str:
    return signed_in(vacancy.reported_by).get(reverse("vacancies:case", args=[vacancy.pk])).content.decode()
