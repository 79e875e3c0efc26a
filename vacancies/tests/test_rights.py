"""Rights over all roles, both ways (process.md 12): forbidden 403, foreign 404."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import User
from reserve_portal.accounts.tests.factories import MunicipalityFactory, UserFactory, person_with
from reserve_portal.core.tests.answers import content_of
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.perms import can_read_paper
from reserve_portal.regulations.models import Edition
from vacancies import perms
from vacancies.models import Referral, Vacancy
from vacancies.services.defence import issue_sheet, upload_concept

from .factories import (
    close_defence,
    hand_in,
    make_commission,
    make_reservist,
    make_vacancy,
    open_defence,
    presented,
    scheduled,
)
from .test_defence import pdf

ROLES = [str(role) for role in Role]


def foreign(role: str) -> User:
    """A person of the role who has nothing to do with the case."""
    return (
        person_with(role, municipality=MunicipalityFactory()) if role == Role.MUNICIPAL else person_with(role)
    )


@pytest.fixture
def case(tomsk: Edition, operator: User) -> dict[str, Any]:
    """A case at its defence with a concept, and its own people."""
    members = make_commission(tomsk)
    vacancy = make_vacancy(tomsk)
    nominee = presented(vacancy, make_reservist(tomsk), operator)
    concept = upload_concept(nominee, name="к.pdf", data=pdf(), actor=nominee.reservist.user)
    defence = scheduled(vacancy, operator)
    sheet = defence.sheets.get(member__user=members[0])
    return {
        "vacancy": vacancy,
        "nominee": nominee,
        "concept": concept,
        "defence": defence,
        "sheet": sheet,
        "official": vacancy.reported_by,
        "reservist": nominee.reservist.user,
        "member": members[0],
    }


@pytest.mark.parametrize("role", ROLES)
def test_predicates_over_all_roles(case: dict[str, Any], role: str) -> None:
    """process.md 12, rows «vacancies», «orders, agreements»."""
    user, vacancy, nominee = foreign(role), case["vacancy"], case["nominee"]
    reads_all = role in ("operator", "authority", "auditor")
    assert perms.can_report_vacancy(user) is (role == "municipal")
    assert perms.can_list_vacancies(user) is (reads_all or role == "municipal")
    assert perms.can_see_vacancy(user, vacancy) is reads_all
    assert perms.can_see_vacancy_letter(user, vacancy) is reads_all
    assert perms.can_run_case(user) is (role == "operator")
    assert perms.can_read_case_desk(user) is (role in ("operator", "auditor"))
    assert perms.can_cancel_vacancy(user, vacancy) is False
    assert perms.can_record_appointment(user, vacancy) is False
    assert perms.can_answer_offer(user, nominee) is False
    assert perms.can_upload_concept(user, nominee) is False
    assert perms.can_read_concept(user, case["concept"]) is (role == "operator")
    assert perms.can_see_nominee(user, nominee) is reads_all
    assert perms.can_score(user, case["sheet"]) is False
    assert perms.can_see_sheets(user, case["defence"]) is False
    assert perms.can_see_summary(user, case["defence"]) is reads_all
    assert perms.can_decide_agreement(user) is (role == "authority")


def test_own_people_may_what_is_theirs(case: dict[str, Any]) -> None:
    vacancy, nominee = case["vacancy"], case["nominee"]
    assert perms.can_see_vacancy(case["official"], vacancy) and perms.can_cancel_vacancy(
        case["official"], vacancy
    )
    assert perms.can_record_appointment(case["official"], vacancy)
    assert perms.can_see_vacancy_letter(case["official"], vacancy)
    assert not perms.can_see_nominee(case["official"], nominee)
    assert perms.can_answer_offer(case["reservist"], nominee) and perms.can_read_concept(
        case["reservist"], case["concept"]
    )
    assert not perms.can_see_vacancy(case["reservist"], vacancy)
    assert perms.can_see_vacancy(case["member"], vacancy) and perms.can_see_nominee(case["member"], nominee)
    assert perms.can_read_concept(case["member"], case["concept"]) and perms.can_score(
        case["member"], case["sheet"]
    )


def test_department_reads_the_concept_after_the_recommendation(case: dict[str, Any]) -> None:
    """T9: it decides about that person then, not earlier."""
    official = person_with("authority")
    assert not perms.can_read_concept(official, case["concept"])
    Referral.objects.filter(pk=case["nominee"].pk).update(state="recommended")
    case["concept"].referral.refresh_from_db()
    assert perms.can_read_concept(official, case["concept"])


PAGES = [
    # name, subject, roles of foreign people who may read it, code for the others, own people
    ("list", None, {"operator", "authority", "auditor", "municipal"}, 403, {"official"}),
    ("report", None, {"municipal"}, 403, {"official"}),
    ("case", "vacancy", {"operator", "authority", "auditor"}, 404, {"official"}),
    ("appoint", "vacancy", set(), None, {"official"}),
    ("cancel", "vacancy", set(), None, {"official"}),
    ("offers", None, {"reservist"}, 403, {"reservist"}),
    ("offer", "nominee", set(), 404, {"reservist"}),
    ("refuse", "nominee", set(), 404, {"reservist"}),
    ("concept", "concept", {"operator"}, 404, {"reservist", "member"}),
    ("nominee", "nominee", {"operator", "authority", "auditor"}, 404, {"member"}),
    ("defences", None, {"commission"}, 403, {"member"}),
    ("defence", "defence", set(), 404, {"member"}),
    ("sheet", "sheet", set(), 404, {"member"}),
    ("agreements", None, {"authority"}, 403, set()),
]


@pytest.mark.parametrize(("name", "subject", "readers", "code", "own"), PAGES, ids=[row[0] for row in PAGES])
def test_pages_over_all_roles(
    case: dict[str, Any], name: str, subject: str | None, readers: set[str], code: int | None, own: set[str]
) -> None:
    """Foreign 404, forbidden 403; who reads all but may not act gets 403."""
    address = reverse(f"vacancies:{name}", args=[case[subject].pk] if subject else [])
    for role in ROLES:
        expected = 200 if role in readers else code
        if expected is None:
            expected = 403 if role in ("operator", "authority", "auditor") else 404
        assert status(foreign(role), address) == expected, role
    for person in own:
        assert status(case[person], address) == 200, person
    assert Client().get(address).status_code == 302


ADMIN_PAGES = ["case", "matching", "start", "defence", "recommendation"]


@pytest.mark.parametrize("name", ADMIN_PAGES)
def test_workplace_over_all_roles(case: dict[str, Any], name: str) -> None:
    """The operator acts, the auditor reads; nobody else enters the workplace's cases."""
    address = reverse(f"admin:vacancies_{name}", args=[case["vacancy"].pk])
    for role in ROLES:
        reads = role == "operator" or (role == "auditor" and name in ("case", "matching"))
        found = status(foreign(role), address)
        if role in ("operator", "auditor", "administrator"):
            assert found in ((200, 302) if reads else (403,)), role
        else:
            assert found in (302, 403), role


def test_auditor_saves_nothing(case: dict[str, Any]) -> None:
    client = Client()
    client.force_login(person_with("auditor"))
    address = reverse("admin:vacancies_matching", args=[case["vacancy"].pk])
    assert client.post(address, {"reason": "так"}).status_code == 403


def test_deeds_of_others_are_refused(case: dict[str, Any], tomsk: Edition) -> None:
    """Somebody else's answer, appointment or agreement does not exist or is forbidden."""
    stranger, official = make_reservist(tomsk).user, case["official"]
    for name in ("accept", "refuse", "upload"):
        assert post(stranger, reverse(f"vacancies:{name}", args=[case["nominee"].pk])) == 404
    assert post(official, reverse("vacancies:agreement", args=[case["nominee"].pk])) == 403
    assert post(person_with("authority"), reverse("vacancies:agreement", args=[case["nominee"].pk])) == 404
    other = person_with("municipal")
    for name in ("appoint", "cancel"):
        assert post(other, reverse(f"vacancies:{name}", args=[case["vacancy"].pk]), reason="х") == 404
    assert Vacancy.objects.get().state == "defence"


@pytest.mark.parametrize("role", ROLES)
def test_papers_over_all_roles(case: dict[str, Any], role: str) -> None:
    """The letter: municipality, department, auditor, operator; a foreign municipality has none of it."""
    paper = IssuedPaper.objects.about(case["vacancy"]).get()
    assert can_read_paper(foreign(role), paper) is (role in ("operator", "authority", "auditor"))
    assert can_read_paper(case["official"], paper) and not can_read_paper(case["reservist"], paper)


def test_list_of_a_municipality_shows_its_own_alone(case: dict[str, Any], tomsk: Edition) -> None:
    make_vacancy(tomsk, post="Чужая должность")
    client = Client()
    client.force_login(case["official"])
    page = client.get(reverse("vacancies:list")).content.decode()
    assert "Чужая должность" not in page and "Директор" in page


def test_municipality_sees_names_from_the_presentation_on(tomsk: Edition, operator: User) -> None:
    """process.md 12: offers to reservists are theirs; the municipality learns of the nominee."""
    from .factories import ask

    vacancy = make_vacancy(tomsk)
    ask(vacancy, make_reservist(tomsk, user=UserFactory(reservist=True, last_name="Спрошенный")), operator)
    presented(
        vacancy, make_reservist(tomsk, user=UserFactory(reservist=True, last_name="Представленный")), operator
    )
    client = Client()
    client.force_login(vacancy.reported_by)
    page = client.get(reverse("vacancies:case", args=[vacancy.pk])).content.decode()
    assert "Представленный" in page and "Спрошенный" not in page


def test_sheet_of_another_member_does_not_exist(case: dict[str, Any]) -> None:
    open_defence(case["defence"])
    other = case["defence"].sheets.exclude(pk=case["sheet"].pk).first()
    assert status(case["member"], reverse("vacancies:sheet", args=[other.pk])) == 404


def status(user: User, address: str) -> int:
    client = Client()
    client.force_login(user)
    response = client.get(address)
    content_of(response)
    return response.status_code


def post(user: User, address: str, **data: str) -> int:
    client = Client()
    client.force_login(user)
    return client.post(address, data).status_code


@pytest.mark.parametrize("role", ROLES)
def test_diplomas_and_work_of_a_nominee_are_no_auditors_affair(case: dict[str, Any], role: str) -> None:
    """process.md 12: the auditor reads everything that is not a private paper; the questionnaire is one."""
    assert perms.can_read_career(foreign(role), case["nominee"]) is (role in ("operator", "authority"))


def test_members_read_the_questionnaire_until_they_have_decided(case: dict[str, Any]) -> None:
    """process.md 12, «packages and files of others»."""
    assert perms.can_read_career(case["member"], case["nominee"])
    open_defence(case["defence"])
    close_defence(case["defence"])
    assert not perms.can_read_career(case["member"], case["nominee"])
    assert perms.can_see_nominee(case["member"], case["nominee"])


def test_a_printed_sheet_is_the_members_alone_until_the_meeting_is_over(case: dict[str, Any]) -> None:
    """T10: an operator who sits on the commission must not read others' sheets before the own is in."""
    open_defence(case["defence"])
    hand_in(case["sheet"])
    paper = issue_sheet(case["sheet"], actor=case["member"])
    operator = person_with("operator")
    assert can_read_paper(case["member"], paper) and not can_read_paper(operator, paper)
    for sheet in case["defence"].sheets.exclude(pk=case["sheet"].pk):
        hand_in(sheet)
    close_defence(case["defence"])
    assert can_read_paper(operator, IssuedPaper.objects.get(pk=paper.pk))
