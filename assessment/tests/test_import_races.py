"""An import twice at once: one wins, the other is told (PostgreSQL)."""

from datetime import date

import pytest

from assessment.models import ImportDraft, Result, ResultImport
from assessment.services.imports import apply_draft, apply_import, keep_draft
from assessment.tests.factories import (
    make_campaign,
    make_edition,
    make_open_procedure,
    make_person,
    make_track,
    moment,
)
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.models import TransitionLog
from reserve_portal.core.tests.threads import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
HEAD = (
    'Фамилия,Имя,"Адрес электронной почты",Состояние,"Тест начат",'
    '"Оценка/100,00","В. 1 /20,00","В. 2 /20,00","В. 3 /60,00"'
)


@pytest.fixture
def stage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    campaign, operator = make_campaign(make_edition()), make_person("operator")
    people = [make_person("candidate") for _ in range(3)]
    for person in people:
        make_track(campaign, user=person)
    return make_open_procedure(campaign, operator), operator, people


def file(people, last="40,00"):
    total = {"40,00": "60,00", "50,00": "70,00"}[last]
    rows = [
        f'Людин,Иван,{person.email},Завершено,"9 ноября 2026  10:00","{total}","10,00","10,00","{last}"'
        for person in people
    ]
    return "\n".join([HEAD, *rows, ""]).encode()


def together(*deeds):
    """Answers and refusals of deeds that begin at the same moment."""

    def later(deed):
        with clock.travel(moment(date(2026, 12, 17))):
            return deed()

    found = at_once([lambda deed=deed: later(deed) for deed in deeds])
    refusals = [str(item) for item in found if isinstance(item, GateShut)]
    answers = [item for item in found if not isinstance(item, Exception)]
    assert len(answers) + len(refusals) == len(deeds), found
    return answers, refusals


def test_the_same_file_twice_at_once_is_stored_once_and_the_other_is_told(stage):
    procedure, operator, people = stage
    answers, refusals = together(
        *[lambda: apply_import(procedure, name="файл.csv", data=file(people), actor=operator)] * 3
    )
    assert refusals == [] and sorted(answer.again for answer in answers) == [False, True, True]
    assert (ResultImport.objects.count(), Result.objects.count()) == (1, 3)
    assert TransitionLog.objects.filter(transition="assess").count() == 3


def test_two_files_at_once_the_second_has_to_say_why_it_changes_results(stage):
    procedure, operator, people = stage
    answers, refusals = together(
        lambda: apply_import(procedure, name="один.csv", data=file(people), actor=operator),
        lambda: apply_import(procedure, name="другой.csv", data=file(people, "50,00"), actor=operator),
    )
    assert (len(answers), len(refusals), ResultImport.objects.count()) == (1, 1, 1)
    assert "укажите причину" in refusals[0]
    assert len(set(Result.objects.values_list("points", flat=True))) == 1


def test_one_draft_confirmed_by_two_is_applied_once_and_the_other_is_told(stage):
    procedure, operator, people = stage
    with clock.travel(moment(date(2026, 12, 17))):
        draft = keep_draft(procedure, name="файл.csv", data=file(people), actor=operator)
    answers, refusals = together(
        *[lambda: apply_draft(ImportDraft(pk=draft.pk, procedure=procedure), actor=operator)] * 2
    )
    assert (len(answers), len(refusals)) == (1, 1) and "уже внесён или удалён" in refusals[0]
    assert (ResultImport.objects.count(), Result.objects.count()) == (1, 3)
    assert not ImportDraft.objects.exists()
