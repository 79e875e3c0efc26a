"""Over random points: an import applied twice changes nothing, what is exported comes back the same (process.md 6)."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessment.models import Result, ResultImport, SectionScore
from assessment.moodle import read_export
from assessment.services.exports import export_results
from assessment.services.imports import apply_import
from assessment.services.preview import UNCHANGED, preview_import
from assessment.tests.factories import (
    make_campaign,
    make_edition,
    make_open_procedure,
    make_person,
    make_track,
    moment,
)
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.core.models import TransitionLog

MAXIMA = (20, 20, 60)
HEAD = (
    'Фамилия;Имя;"Адрес электронной почты";Состояние;"Тест начат";"Оценка/100,00";"В. 1 /20,00";"В. 2 /20,00";'
    '"В. 3 /60,00"'
)
points = st.tuples(
    *(
        st.decimals(min_value=0, max_value=maximum, places=place)
        for maximum, place in zip(MAXIMA, (7, 2, 0), strict=True)
    )
)
BACK = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def stage(db, settings, tmp_path):
    """Two procedures of the same four people, each in its own campaign, both under way."""
    settings.MEDIA_ROOT = tmp_path
    edition = make_edition()
    operator = make_person("operator")
    users = [make_person("candidate") for _ in range(4)]
    procedures = []
    for _ in range(2):
        campaign = make_campaign(edition)
        for user in users:
            make_track(campaign, user=user)
        procedures.append(make_open_procedure(campaign, operator))
    return operator, users, procedures


def file_of(users, marks):
    lines = [HEAD]
    for user, row in zip(users, marks, strict=False):
        shown = ";".join(f"{value:f}".replace(".", ",") for value in (sum(row), *row))
        lines.append(
            f"{user.last_name};{user.first_name};{user.email};Завершено;9 ноября 2026  10:00;{shown}"
        )
    return "\n".join([*lines, ""]).encode("cp1251")


def stored(procedure):
    rows = SectionScore.objects.filter(result__procedure=procedure)
    return sorted(rows.values_list("result__track__application__user", "section__code", "points"))


def places(procedure):
    rows = Result.objects.filter(procedure=procedure)
    return sorted(rows.values_list("track__application__user", "rank", "zone", "passed", "points"))


@given(marks=st.lists(points, min_size=1, max_size=4))
@BACK
def test_an_import_applied_twice_changes_nothing(stage, marks):
    operator, users, (procedure, _) = stage
    data = file_of(users, marks)
    with transaction.atomic(), clock.travel(moment(date(2026, 12, 17))):
        first = apply_import(procedure, name="файл.csv", data=data, actor=operator)
        before = (
            stored(procedure),
            places(procedure),
            TransitionLog.objects.count(),
            AuditEvent.objects.count(),
        )
        second = apply_import(procedure, name="файл.csv", data=data, actor=operator)
        assert (first.again, second.again, second.source) == (False, True, first.source)
        after = (
            stored(procedure),
            places(procedure),
            TransitionLog.objects.count(),
            AuditEvent.objects.count(),
        )
        assert before == after and ResultImport.objects.count() == 1
        assert len(places(procedure)) == len(marks)
        transaction.set_rollback(True)


@given(marks=st.lists(points, min_size=1, max_size=4))
@BACK
def test_what_is_exported_is_imported_the_same(stage, marks):
    operator, users, (procedure, other) = stage
    with transaction.atomic(), clock.travel(moment(date(2026, 12, 17))):
        apply_import(procedure, name="файл.csv", data=file_of(users, marks), actor=operator)
        book = export_results(procedure, actor=operator)
        back = preview_import(procedure, name="итоги.xlsx", data=book)
        assert [row.status for row in back.rows] == [UNCHANGED] * len(marks)
        apply_import(other, name="итоги.xlsx", data=book, actor=operator)
        assert stored(other) == stored(procedure) and places(other) == places(procedure)
        transaction.set_rollback(True)


def test_the_export_keeps_every_digit(stage):
    operator, users, (procedure, _) = stage
    with clock.travel(moment(date(2026, 12, 17))):
        marks = [(Decimal("6.9999999"), Decimal(0), Decimal(60))]
        apply_import(procedure, name="файл.csv", data=file_of(users, marks), actor=operator)
        export = read_export("итоги.xlsx", export_results(procedure, actor=operator))
    assert export.kind == "gradebook" and tuple(export.rows[0].scores.values()) == marks[0]
    assert export.rows[0].total == Decimal("66.9999999")
