"""People of a file: by address or number, as a person confirmed, never by name (process.md 6)."""

from datetime import date

import pytest
from django.urls import reverse

from assessment.models import ConfirmedMatch, ImportDraft, Result
from assessment.moodle import read_export
from assessment.services.imports import apply_import, keep_draft
from assessment.services.matching import confirm_match, forget_match, people_of
from assessment.services.preview import INVALID, NEW, UNCHANGED, UNMATCHED, preview_import
from assessment.tests.factories import make_open_procedure, make_person, make_track, moment
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut

pytestmark = pytest.mark.django_db
HEAD = (
    'Фамилия,Имя,"Индивидуальный номер","Адрес электронной почты",Состояние,"Тест начат",'
    '"Оценка/100,00","В. 1 /20,00","В. 2 /20,00","В. 3 /60,00"'
)


@pytest.fixture(autouse=True)
def in_december(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with clock.travel(moment(date(2026, 12, 17))):
        yield


@pytest.fixture
def people(campaign):
    named = [("Ёлкин", "KR-1"), ("Берёзкина", "KR-2")]
    return [
        make_track(
            campaign,
            user=make_person("candidate", email=f"{number}@example.org", last_name=name, first_name="Анна"),
            number=number,
        )
        for name, number in named
    ]


@pytest.fixture
def procedure(campaign, operator, people):
    return make_open_procedure(campaign, operator)


def file(*rows):
    """Rows of (surname, number, address); everybody has 70 points."""
    lines = [
        f'{name},Анна,{number},{email},Завершено,"9 ноября 2026  10:0{place}","70,00","10,00","10,00","50,00"'
        for place, (name, number, email) in enumerate(rows)
    ]
    return "\n".join([HEAD, *lines, ""]).encode()


def row_of(data, place=0):
    return read_export("файл.csv", data).rows[place]


def preview(procedure, data):
    return preview_import(procedure, name="файл.csv", data=data)


def test_a_similar_name_is_suggested_and_counts_only_once_a_person_confirmed(procedure, people, operator):
    data = file(("Елкин", "-", "private@mail.example"))
    found = preview(procedure, data)
    assert [row.status for row in found.rows] == [UNMATCHED]
    assert "Похожие имена: Ёлкин Анна Петрович" in " ".join(found.rows[0].reasons)
    with pytest.raises(GateShut, match="Укажите, кто это"):
        apply_import(procedure, name="файл.csv", data=data, actor=operator)
    suggested = people_of(procedure).suggestions(row_of(data))
    assert suggested[0].track == people[0]
    confirm_match(procedure, row=row_of(data), invitation=suggested[0], actor=operator)
    found = preview(procedure, data)
    assert [(row.status, row.person) for row in found.rows] == [(NEW, people[0].application.user)]
    apply_import(procedure, name="файл.csv", data=data, actor=operator)
    assert Result.objects.get().track == people[0]
    event = AuditEvent.objects.get(action="assessment.confirm_match")
    assert (event.person, event.details["key"]) == (people[0].application.user, "private@mail.example")


def test_a_confirmed_match_is_remembered_and_can_be_taken_back(procedure, people, operator):
    data = file(("Другая", "X-77", "-"))
    invitation = procedure.invitations.get(track=people[1])
    match = confirm_match(procedure, row=row_of(data), invitation=invitation, actor=operator)
    again = file(("Совсем другая", "x-77", "-"))
    assert preview(procedure, again).rows[0].person == people[1].application.user
    forget_match(match, actor=operator)
    assert preview(procedure, again).rows[0].status == UNMATCHED
    assert not ConfirmedMatch.objects.exists()


def test_an_address_that_is_somebodys_own_is_never_given_to_another(procedure, people, operator):
    data = file(("Ёлкин", "-", "kr-1@example.org"))
    invitation = procedure.invitations.get(track=people[1])
    with pytest.raises(GateShut, match="уже принадлежит: Ёлкин"):
        confirm_match(procedure, row=row_of(data), invitation=invitation, actor=operator)


def test_two_rows_of_one_person_under_two_keys_are_a_mistake(procedure, people, operator):
    data = file(("Ёлкин", "-", "KR-1@example.org"), ("Ёлкин", "-", "private@mail.example"))
    invitation = procedure.invitations.get(track=people[0])
    confirm_match(procedure, row=row_of(data, 1), invitation=invitation, actor=operator)
    found = preview(procedure, data)
    assert [row.status for row in found.rows] == [NEW, INVALID]
    assert "Тот же человек, что и в строке 2" in found.rows[1].reasons[0]


def test_nobody_is_confirmed_who_was_not_invited(procedure, campaign, operator):
    other = make_open_procedure(campaign, operator, [make_track(campaign)])
    with pytest.raises(GateShut, match="не приглашён"):
        confirm_match(
            procedure,
            row=row_of(file(("Чужая", "-", "x@example.org"))),
            invitation=other.invitations.get(),
            actor=operator,
        )


def test_the_operator_confirms_on_pages(client, procedure, people, operator):
    client.force_login(operator)
    keep_draft(procedure, name="файл.csv", data=file(("Елкин", "-", "private@mail.example")), actor=operator)
    draft = ImportDraft.objects.get()
    preview_url = reverse("admin:assessment_procedure_preview", args=[procedure.pk, draft.pk])
    match_url = reverse("admin:assessment_procedure_match", args=[procedure.pk, draft.pk, 2])
    assert match_url in client.get(preview_url).content.decode()
    page = client.get(match_url).content.decode()
    assert f"Ёлкин Анна Петрович, {people[0].application.user.email}" in page
    refused = client.post(match_url, {"number": "KR-99"})
    assert "нет такого номера" in refused.content.decode() and not ConfirmedMatch.objects.exists()
    assert "что-то одно" in client.post(match_url, {"number": ""}).content.decode()
    assert client.post(match_url, {"number": "kr-1"}).status_code == 302
    page = client.get(preview_url).content.decode()
    assert "подтвердил оператор" in page
    forget_url = reverse("admin:assessment_procedure_forget", args=[procedure.pk, draft.pk])
    client.post(forget_url, {"key": "private@mail.example"})
    assert not ConfirmedMatch.objects.exists()
    assert client.get(match_url.replace("/2/", "/77/")).status_code == 404


def test_a_file_applied_before_says_so(client, procedure, people, operator):
    client.force_login(operator)
    data = file(("Ёлкин", "-", "kr-1@example.org"))
    assert not apply_import(procedure, name="файл.csv", data=data, actor=operator).again
    assert preview(procedure, data).rows[0].status == UNCHANGED
    draft = keep_draft(procedure, name="файл.csv", data=data, actor=operator)
    url = reverse("admin:assessment_procedure_preview", args=[procedure.pk, draft.pk])
    page = client.post(url, follow=True).content.decode()
    assert "Этот файл уже внесён" in page and "Результаты внесены" not in page
