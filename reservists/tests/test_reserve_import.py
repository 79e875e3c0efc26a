"""The reserve that existed before the portal comes in by a table (process.md 7): all or nothing, doubled never."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from candidates.models import Consent, Profile
from reserve_portal.accounts.models import User
from reserve_portal.accounts.tests.factories import MunicipalityFactory, OrganisationFactory, UserFactory
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.core.models import TransitionLog
from reserve_portal.core.spreadsheets import UnreadableTable
from reserve_portal.core.tables import write_xlsx
from reserve_portal.core.tests.answers import content_of
from reserve_portal.notifications.models import Letter
from reserve_portal.regulations.models import Deadline
from reservists.enums import ReservistState
from reservists.models import Reservist
from reservists.services import reserve_import as service

from .factories import ReservistFactory

PERSON = {
    "last_name": "Иванова",
    "first_name": "Мария",
    "patronymic": "Петровна",
    "email": "ivanova@example.org",
    "zone": "зелёная",
    "group": "1",
    "points": "86,5",
    "maximum": "100",
    "kind": "приказ",
    "number": "12",
    "dated": "05.03.2025",
}


def row(line=2, **values):
    return {"line": line, **dict.fromkeys(service.COLUMNS.values(), ""), **PERSON, **values}


def errors_of(edition, *rows):
    return dict(service.plan_reserve(rows, edition).errors)


@pytest.fixture
def town(db):
    return MunicipalityFactory(name="Город Томск")


def test_a_member_comes_in_with_the_decision_in_the_history(orenburg, operator, town):
    """process.md 7: group, zone, points, decision; the history says that it came with an earlier list, and by what."""
    school = OrganisationFactory(name="Школа № 7", municipality=town)
    given = row(
        municipality="город томск",
        birth_date="14.05.1981",
        rank="3",
        managing_years="4",
        post="завуч",
        organisation_name="школа № 7",
    )
    service.import_reserve([given], edition=orenburg, actor=operator)
    member = Reservist.objects.get()
    assert (member.zone, member.points, member.maximum, member.rank) == ("green", Decimal("86.5"), 100, 3)
    assert member.included_on == date(2025, 3, 5) and member.basis == "приказ № 12 от 05.03.2025"
    assert member.municipality == town and member.managing_years == 4 and member.track is None
    log = TransitionLog.objects.about(member).get()
    assert log.label == "Внесён из прежнего списка резерва" and log.reason == member.basis
    assert log.actor == operator
    assert member.user.organisation == school
    assert member.user.profile.birth_date == date(1981, 5, 14) and member.user.has_role("reservist")
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"reservists.import_reserve", "reservists.import_member"} <= actions


def test_new_people_take_their_accounts_over_by_letter(tomsk, operator, client):
    """A letter with the link that sets a password, a letter about the membership; nobody knows a password before."""
    service.import_reserve([row()], edition=tomsk, actor=operator)
    user = User.objects.get(email="ivanova@example.org")
    assert not user.has_usable_password()
    kinds = set(Letter.objects.filter(address=user.email).values_list("kind", flat=True))
    assert "reserve.imported" in kinds and len(kinds) == 2
    letter = Letter.objects.get(kind="reserve.imported")
    assert "приказ № 12" in letter.body and "отдельным письмом" in letter.body


def test_who_has_an_account_keeps_it(tomsk, operator):
    user = UserFactory(candidate=True, email="ivanova@example.org", last_name="Иванова", first_name="Мария")
    Profile.objects.create(user=user, birth_date=date(1980, 1, 1))
    service.import_reserve([row(birth_date="14.05.1981")], edition=tomsk, actor=operator)
    member = Reservist.objects.get()
    assert member.user == user and user.profile.birth_date == date(1980, 1, 1)
    assert "прежним паролем" in Letter.objects.get(kind="reserve.imported").body
    assert Letter.objects.count() == 1


def test_the_same_table_doubles_nothing(tomsk, operator):
    """Repeatable: the second time everybody stands so already; a longer table brings only those who are new."""
    service.import_reserve([row()], edition=tomsk, actor=operator)
    again = service.plan_reserve([row()], tomsk)
    assert again.same == 1 and not again.is_open
    more = [row(), row(3, email="petrova@example.org", last_name="Петрова")]
    assert len(service.import_reserve(more, edition=tomsk, actor=operator).new) == 1
    assert Reservist.objects.count() == 2 and User.objects.filter(email="ivanova@example.org").count() == 1


def test_one_person_in_two_groups_is_one_account(orenburg, operator):
    """O1.14: two rows, two memberships, one letter with a password."""
    service.import_reserve([row(), row(3, group="2")], edition=orenburg, actor=operator)
    assert Reservist.objects.count() == 2 and User.objects.filter(groups__name="reservist").count() == 1
    assert Letter.objects.exclude(kind="reserve.imported").count() == 1


@pytest.mark.parametrize(
    "values,words",
    [
        ({"last_name": ""}, "не указано: Фамилия"),
        ({"first_name": "Мар1я"}, "Имя: «Мар1я»"),
        ({"email": ""}, "не указан адрес"),
        ({"email": "не адрес"}, "Адрес почты: «не адрес»"),
        ({"group": "7"}, "целевой группы «7» нет; есть: 1 — "),
        ({"group": ""}, "целевой группы «» нет"),
        ({"zone": ""}, "зоны «» в резерве не бывает"),
        ({"zone": "Красная"}, "зоны «Красная» в резерве не бывает"),
        ({"municipality": "Тверь"}, "«Тверь» нет в справочнике"),
        ({"number": ""}, "не указан номер решения"),
        ({"dated": ""}, "не указана дата решения"),
        ({"dated": "вчера"}, "«вчера» — не дата"),
        ({"dated": "12.03.2026"}, "ещё не наступила"),
        ({"points": "101"}, "баллов 101 из 100 быть не может"),
        ({"points": "много"}, "не число"),
        ({"maximum": ""}, "указывают вместе"),
        ({"rank": "-1"}, "не целое число"),
        ({"birth_date": "14.05.2020"}, "проверьте"),
        ({"post": "а" * 251}, "длиннее 250"),
    ],
)
def test_what_is_wrong_is_said_by_row_and_nothing_is_stored(orenburg, operator, values, words):
    """Bad input: a sentence for the row; one bad row keeps the whole table out."""
    rows = [row(), row(3, **{"email": "petrova@example.org", "last_name": "Петрова", **values})]
    found = errors_of(orenburg, *rows)
    assert list(found) == [3] and words in found[3]
    with pytest.raises(ValueError, match="errors"):
        service.import_reserve(rows, edition=orenburg, actor=operator)
    assert not Reservist.objects.exists() and not Letter.objects.exists()


def test_the_day_of_the_decision_may_be_today(tomsk):
    assert not errors_of(tomsk, row(dated=f"{clock.today():%d.%m.%Y}"))


def test_without_zones_and_with_one_group_both_may_be_left_out(tomsk, operator):
    """T4: Tomsk has neither; points may be unknown."""
    given = row(zone="", group="", points="", maximum="")
    service.import_reserve([given], edition=tomsk, actor=operator)
    member = Reservist.objects.get()
    assert member.zone == "green" and member.points_text == "—"
    assert service.plan_reserve([given], tomsk).same == 1


def test_people_are_told_apart(orenburg, operator):
    """An address of somebody else, of a closed account, of two people, twice the same group."""
    UserFactory(email="ivanova@example.org", last_name="Петров", first_name="Пётр")
    assert "принадлежит другому" in errors_of(orenburg, row())[2]
    UserFactory(email="sidorova@example.org", last_name="Иванова", first_name="Мария", is_active=False)
    assert "закрыта" in errors_of(orenburg, row(email="sidorova@example.org"))[2]
    twice = [row(email="new@example.org"), row(3, email="New@example.org")]
    assert "что в строке 2" in errors_of(orenburg, *twice)[3]
    two = [row(email="new@example.org"), row(3, email="new@example.org", last_name="Другая", group="2")]
    assert "другой человек" in errors_of(orenburg, *two)[3]


def test_a_membership_is_changed_only_by_a_decision(orenburg, operator):
    """O4.16: a table with another zone changes nothing; who was excluded later does not come back by it (O6.4)."""
    service.import_reserve([row()], edition=orenburg, actor=operator)
    assert "только решение" in errors_of(orenburg, row(zone="жёлтая"))[2]
    Reservist.objects.update(state=ReservistState.EXCLUDED, ended_on=date(2025, 9, 1))
    assert "исключён" in errors_of(orenburg, row())[2]
    assert not errors_of(orenburg, row(dated="01.02.2026"))


def test_terms_run_from_the_day_of_the_import(orenburg, operator):
    """O4.9: nobody is late with a plan that the portal could not have asked for."""
    service.import_reserve([row()], edition=orenburg, actor=operator)
    limit = Deadline.objects.about(Reservist.objects.get()).first()
    assert limit.due_on > clock.today()


def test_page_sample_preview_and_deed(tomsk, operator, client, town):
    """The sample is what the import reads; preview first; other data meanwhile are shown again."""
    client.force_login(operator)
    page = reverse("admin:reservists_reservist_import")
    sample = content_of(client.get(reverse("admin:reservists_reservist_sample")))
    (example,) = service.read_reserve(sample)
    assert "удалите эту строку" in errors_of(tomsk, example)[2]
    example |= {"email": "obraztsova@example.org"}
    filled = [[example[name] for name in service.COLUMNS.values()]]
    data = write_xlsx("Резерв", list(service.COLUMNS), filled)
    answer = client.post(page, {"file": SimpleUploadedFile("reserve.xlsx", data)})
    body = answer.content.decode()
    assert (
        "Будут внесены: 1" in body and "Образцова Мария Петровна" in body and not Reservist.objects.exists()
    )
    step = answer.context["step"]
    assert client.post(page, {"rows": step.packed + "x", "shown": step.plan.digest}).status_code == 200
    assert not Reservist.objects.exists()
    client.post(page, {"rows": step.packed, "shown": step.plan.digest})
    assert Reservist.objects.get().user.last_name == "Образцова"
    headings = list(service.COLUMNS)
    bad = write_xlsx("Резерв", headings, [["Петров", "", "", "x"]])
    shown = client.post(page, {"file": SimpleUploadedFile("reserve.xlsx", bad)}).content.decode()
    assert "Строка 2" in shown and "Ничего не записано" in shown
    with pytest.raises(UnreadableTable, match="нет столбцов"):
        service.read_reserve(write_xlsx("Резерв", headings[:3], [["а", "б", "в"]]))


def test_an_imported_reservist_gives_and_withdraws_consents(tomsk, client):
    """152-FZ, art. 9: only the person agrees; without the consent nobody is proposed for a vacancy."""
    reservist = ReservistFactory(edition=tomsk)
    client.force_login(reservist.user)
    home = client.get(reverse("home")).content.decode()
    assert "согласи" in home.lower() and reverse("reservists:consents") in home
    for kind, data in (("processing", {}), ("dissemination", {"items": ["name"]})):
        text = tomsk.consent_texts.filter(kind=kind).first()
        address = reverse("reservists:consent", args=[text.pk])
        assert "Отметьте" in client.post(address, {}).content.decode()
        client.post(address, {"agree": "on", **data})
        assert Consent.given_by(reservist.user, kind).count() == 1
    assert "Без этого согласия" not in client.get(reverse("home")).content.decode()
    withdraw = reverse("reservists:withdraw_consent", args=[text.pk])
    assert client.get(withdraw).status_code == 200
    client.post(withdraw)
    assert not Consent.given_by(reservist.user, "dissemination").exists()
    assert client.get(reverse("reservists:consent", args=[99999])).status_code == 404
