"""Every stage gives its part to the person's own archive, and nobody else's."""

import io
import json
import zipfile
from datetime import date
from typing import Any

import pytest

from assessment.tests.factories import decide, give, make_campaign, make_open_procedure, make_track
from reserve_portal.accounts.models import User
from reserve_portal.accounts.tests.factories import UserFactory
from reserve_portal.core import clock
from reserve_portal.core.personal_data import sources, write_archive
from reserve_portal.regulations.models import Edition
from reservists.tests.development import guided, make_mentor, make_plan
from vacancies.services.defence import upload_concept

from .factories import make_commission, make_reservist, make_vacancy, presented, scheduled
from .test_defence import pdf

pytestmark = pytest.mark.django_db


def archive_of(user: User) -> zipfile.ZipFile:
    target = io.BytesIO()
    write_archive(user, target)
    return zipfile.ZipFile(target)


def part(user: User, code: str) -> Any:
    return json.loads(archive_of(user).read(f"data/{code}.json"))


def test_every_part_of_the_portal_that_knows_people_gives_its_share() -> None:
    """152-FZ, article 14: a stage that keeps something about people has a source here."""
    assert set(sources.codes()) == {
        "account", "reads", "deeds", "nominations", "letters", "papers",
        "questionnaire", "applications", "package", "consents", "requests",
        "invitations", "results", "appeals", "conclusions", "routes", "events",
        "reserve", "plans", "plan_reports", "vacancies", "concepts", "headships",
        "bodies", "decisions", "mentor_reports", "calendar",
    }  # fmt: skip


def test_somebody_of_whom_nothing_is_known_gets_an_archive_too() -> None:
    archive = archive_of(UserFactory(roles=["candidate"]))
    assert len([name for name in archive.namelist() if name.startswith("data/")]) == len(sources.codes())
    assert "Ничего нет" in archive.read("Мои данные.html").decode()


def test_results_come_after_the_decision_on_inclusion(tomsk: Edition, operator: User) -> None:
    """process.md 12: what the pages do not show yet the archive does not hold."""
    track = make_track(make_campaign(tomsk), user=UserFactory(roles=["candidate"]))
    procedure = make_open_procedure(track.application.campaign, operator, ended=True)
    give(procedure, track, "10", "10", "20", actor=operator)
    user = track.application.user
    assert part(user, "results") == [] and part(user, "invitations")[0]["Название"] == procedure.name
    decide(track, included=True)
    assert part(user, "results")[0]["Баллы"].startswith("40")


def test_life_in_the_reserve_is_in_the_archive(
    tomsk: Edition, operator: User, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    make_commission(tomsk)
    reservist, other = make_reservist(tomsk, events=2), make_reservist(tomsk)
    vacancy = make_vacancy(tomsk)
    mine, theirs = presented(vacancy, reservist, operator), presented(vacancy, other, operator)
    scheduled(vacancy, operator)
    for referral in (mine, theirs):
        name = f"Концепция {referral.reservist.user.last_name}.pdf"
        upload_concept(referral, name=name, data=pdf(), actor=referral.reservist.user)
    archive = archive_of(reservist.user)
    reserve = json.loads(archive.read("data/reserve.json"))[0]
    assert reserve["Зона"] == reservist.get_zone_display() and len(reserve["Мероприятия"]) == 2
    offer = json.loads(archive.read("data/vacancies.json"))
    assert len(offer) == 1 and vacancy.post in offer[0]["Вакансия"]
    assert len([name for name in archive.namelist() if name.startswith("files/concepts/")]) == 1
    for name in archive.namelist():
        if name.startswith("data/"):
            assert other.user.email not in archive.read(name).decode()


def test_plans_of_development_are_in_the_archive(orenburg: Edition) -> None:
    with clock.travel(clock.at(date(2026, 2, 2), clock.local(clock.now()).time())):
        reservist = guided(orenburg, make_mentor())
        make_plan(reservist)
    plan = part(reservist.user, "plans")[0]
    assert plan["Цели"] == "Освоить финансы"
    assert plan["Пункты"][0]["Мероприятие или программа"] == "Стажировка в гимназии"
    assert len(part(reservist.user, "reserve")[0]["Наставники"]) == 1
