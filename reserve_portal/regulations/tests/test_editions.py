"""Editions as data: loaded, frozen, copied, put in force (process.md 4)."""

from decimal import Decimal

import pytest
import yaml
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from reserve_portal.accounts.tests.factories import person_with
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core.gates import GateShut
from reserve_portal.core.tests.threads import at_once
from reserve_portal.regulations.deadlines import events
from reserve_portal.regulations.enums import Decision
from reserve_portal.regulations.models import Edition, Parameter, Requirement, TimeLimit
from reserve_portal.regulations.parameters import SPECS
from reserve_portal.regulations.services import (
    PRESETS,
    ROW_MODELS,
    BadRegulation,
    copy_edition,
    edition_blockers,
    edition_in_force,
    freeze_edition,
    load_regulation,
    put_in_force,
)
from reserve_portal.regulations.tests.editions import load_edition_quickly
from reserve_portal.regulations.tests.factories import DeadlineFactory

pytestmark = pytest.mark.django_db
NAMES = ["tomsk", "orenburg"]


def _rows(edition):
    """All rules of an edition as values, without their own keys."""
    return {
        model.__name__: [
            {
                field.attname: getattr(row, field.attname)
                for field in model._meta.fields
                if not field.primary_key and field.name != "edition"
            }
            for row in model._default_manager.filter(edition=edition).order_by("pk")
        ]
        for model in (*ROW_MODELS.values(), Parameter)
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_loads_whole(name):
    """Every section of the file becomes rows, every parameter has a value and a clause."""
    data = yaml.safe_load((PRESETS / f"{name}.yaml").read_text(encoding="utf-8"))
    edition = load_regulation(name)
    assert edition.in_force and not edition.is_frozen
    for relation in ROW_MODELS:
        assert getattr(edition, relation).count() == len(data.get(relation, []))
    for key in SPECS:
        edition.value(key)
        assert edition.clause(key)
    assert edition_blockers(edition) == []
    assert AuditEvent.objects.filter(action="regulations.load").count() == 1


@pytest.mark.parametrize("name", NAMES)
def test_every_limit_of_a_preset_names_known_events_and_its_clause(name):
    """Limits start and close by events that a stage tells of (process.md 5)."""
    for limit in load_regulation(name).time_limits.all():
        assert limit.starts in events and limit.closes in events and limit.clause


@pytest.mark.parametrize("name", NAMES)
def test_the_quick_loader_of_tests_stores_what_the_command_stores(name):
    """The fixtures `tomsk` and `orenburg` are the presets."""
    load_edition_quickly(name)
    Edition.objects.all().delete()
    quick = load_edition_quickly(name)
    was = _rows(quick)
    assert quick.in_force
    Edition.objects.all().delete()
    assert _rows(load_regulation(name)) == was


def test_values_come_in_their_own_types(tomsk, orenburg):
    """Percents are Decimal, lists tuples; the regions differ in data alone."""
    assert tomsk.value("threshold_percent") == Decimal(70) and tomsk.value("green_percent") is None
    assert orenburg.value("green_percent") == Decimal(85)
    assert (tomsk.value("zones"), orenburg.value("zones")) == (False, True)
    assert tomsk.value("nomination_kinds") == ("self", "municipality", "head")
    assert (
        tomsk.value("advantage_events") == 3
        and tomsk.clause("advantage_events") == "п. 7 алгоритма раздела 4"
    )
    with pytest.raises(LookupError, match="luck"):
        tomsk.value("luck")


def test_all_values_of_an_edition_cost_one_query(tomsk, django_assert_num_queries):
    """A page may ask for many."""
    edition = Edition.objects.get(pk=tomsk.pk)
    with django_assert_num_queries(1):
        for key in SPECS:
            edition.value(key)


def test_the_second_preset_does_not_push_the_first_out_of_force():
    """Only an administrator puts another edition in force."""
    tomsk = load_regulation("tomsk")
    assert not load_regulation("orenburg").in_force
    assert edition_in_force() == tomsk


def test_without_an_edition_the_portal_says_what_to_do():
    """One sentence, the command in it."""
    with pytest.raises(LookupError, match="load_regulation"):
        edition_in_force()


def test_loading_again_replaces_the_rows_of_an_edition_not_frozen():
    """The file is right, what was changed by hand is gone; the edition stays the same row."""
    edition = load_regulation("tomsk")
    was = _rows(edition)
    edition.parameters.filter(key="wait_months").update(value=99)
    edition.grounds.all().delete()
    again = load_regulation("tomsk")
    assert again.pk == edition.pk and again.in_force and _rows(again) == was


def test_a_frozen_edition_is_not_loaded_anew(tomsk):
    """Frozen once a campaign has opened under it."""
    freeze_edition(tomsk, actor=None)
    was = _rows(tomsk)
    with pytest.raises(BadRegulation, match="уже применяется: скопируйте её в новую"):
        load_regulation("tomsk")
    assert _rows(tomsk) == was


def test_freezing_twice_keeps_the_first_moment(tomsk):
    """The first use decides."""
    freeze_edition(tomsk, actor=None)
    first = tomsk.frozen_at
    freeze_edition(tomsk, actor=None)
    assert Edition.objects.get(pk=tomsk.pk).frozen_at == first
    assert AuditEvent.objects.filter(action="regulations.freeze").count() == 1


def test_an_edition_whose_rows_are_in_use_is_not_loaded_anew(tomsk):
    """A case already has a deadline by this rule."""
    DeadlineFactory(limit=tomsk.time_limits.first())
    with pytest.raises(BadRegulation, match="уже ссылаются дела"):
        load_regulation("tomsk")


# --- copying and putting in force -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_copy_has_every_rule_of_its_source(name, calendar_loaded):
    """A copy makes a new edition: row by row the same, not frozen, not in force."""
    source = load_edition_quickly(name)
    freeze_edition(source, actor=None)
    administrator = person_with("administrator")
    copy = copy_edition(source, code="copy-2027", name="Новая редакция", actor=administrator)
    assert _rows(copy) == _rows(source) and copy.pk != source.pk
    assert (copy.code, copy.name, copy.based_on) == ("copy-2027", "Новая редакция", source)
    assert not copy.in_force and not copy.is_frozen
    own = {"id", "code", "name", "in_force", "frozen_at", "based_on_id"}
    for field in Edition._meta.fields:
        if field.attname not in own:
            assert getattr(copy, field.attname) == getattr(source, field.attname)
    assert AuditEvent.objects.get(action="regulations.copy").actor == administrator


def test_a_change_of_the_copy_leaves_the_source_alone(tomsk):
    """A case keeps the rules under which it was opened."""
    copy = copy_edition(tomsk, code="copy-2027", name="Новая", actor=None)
    copy.parameters.filter(key="wait_months").update(value=6)
    assert Edition.objects.get(pk=tomsk.pk).value("wait_months") == 12
    assert Edition.objects.get(pk=copy.pk).value("wait_months") == 6


def test_a_copy_needs_a_code_of_its_own(tomsk):
    """The code names the edition everywhere."""
    with pytest.raises(ValidationError):
        copy_edition(tomsk, code=tomsk.code, name="Новая", actor=None)
    assert Edition.objects.count() == 1


def test_one_edition_is_in_force(tomsk, orenburg):
    """The former one gives way in the same transaction."""
    put_in_force(orenburg, actor=None)
    assert list(Edition.objects.filter(in_force=True)) == [orenburg]
    put_in_force(tomsk, actor=None)
    assert edition_in_force() == tomsk


CRIPPLED = {
    "no parameter": lambda e: e.parameters.filter(key="defence").delete(),
    "no chain": lambda e: e.chain_links.filter(decision=Decision.INCLUSION).delete(),
    "unknown body": lambda e: e.chain_links.update(body="nobody"),
    "no group": lambda e: e.target_groups.all().delete(),
    "zones without a border": lambda e: e.parameters.filter(key="green_percent").update(value=None),
    "green below the threshold": lambda e: e.parameters.filter(key="green_percent").update(value="69"),
}


@pytest.mark.parametrize("cripple", CRIPPLED.values(), ids=CRIPPLED.keys())
def test_an_edition_whose_rules_do_not_fit_is_not_put_in_force(orenburg, cripple):
    """Each reason is a sentence; the present edition stays in force."""
    copy = copy_edition(orenburg, code="copy-2027", name="Новая", actor=None)
    cripple(copy)
    with pytest.raises(GateShut) as caught:
        put_in_force(copy, actor=None)
    assert len(caught.value.blockers) == 1
    assert edition_in_force() == orenburg


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_editions_put_in_force_at_once_leave_one():
    """Two administrators press the button at the same moment."""
    rows = [load_edition_quickly("tomsk"), load_edition_quickly("orenburg")]
    rows.append(copy_edition(rows[0], code="copy-2027", name="Новая", actor=None))
    Edition.objects.update(in_force=False)
    outcome = at_once([lambda row=row: put_in_force(row, actor=None) for row in rows * 2])
    assert outcome == [None] * 6
    assert Edition.objects.filter(in_force=True).count() == 1


# --- a file that cannot be loaded -----------------------------------------------------------------------------------


@pytest.fixture
def changed(tmp_path):
    """A preset file with a change made to its data; gives the path."""

    def write(change):
        data = yaml.safe_load((PRESETS / "tomsk.yaml").read_text(encoding="utf-8"))
        data = change(data) or data
        path = tmp_path / "region.yaml"
        path.write_text(
            data if isinstance(data, str) else yaml.safe_dump(data, allow_unicode=True), encoding="utf-8"
        )
        return str(path)

    return write


def _set(*keys, value):
    def change(data):
        for key in keys[:-1]:
            data = data[key]
        data[keys[-1]] = value

    return change


def _drop(*keys):
    def change(data):
        for key in keys[:-1]:
            data = data[key]
        del data[keys[-1]]

    return change


BAD_FILES = {
    "not YAML": (lambda data: "edition: [\n", "строка 2: не читается как YAML"),
    "text": (lambda data: "просто текст", "нужны разделы edition и parameters"),
    "a list": (lambda data: "- a\n- b\n", "нужны разделы edition и parameters"),
    "no edition": (_drop("edition"), "нужны разделы"),
    "no parameters": (_drop("parameters"), "нужны разделы"),
    "parameters empty": (_set("parameters", value=None), "раздел «"),
    "unknown section": (_set("limits", value=[]), "неизвестный раздел «limits»"),
    "section not a list": (_set("grounds", value={"a": 1}), "раздел «grounds» записан не так"),
    "row not an object": (_set("grounds", value=["a"]), "раздел «grounds» записан не так"),
    "unknown field of the edition": (_set("edition", "regoin", value=1), "неизвестное поле «regoin»"),
    "a field nobody may set": (_set("edition", "frozen_at", value=None), "неизвестное поле «frozen_at»"),
    "no code": (_drop("edition", "code"), "region.yaml: code — "),
    "unknown time zone": (_set("edition", "time_zone", value="Asia/Tomks"), "Неизвестный часовой пояс"),
    "missing parameter": (_drop("parameters", "defence"), "не заданы параметры defence"),
    "unknown parameter": (_set("parameters", "luck", value={"value": 1}), "неизвестный параметр «luck»"),
    "bad value": (
        _set("parameters", "wait_months", "value", value="год"),
        "wait_months: value — Включение после",
    ),
    "parameter not an object": (_set("parameters", "defence", value=True), "раздел «"),
    "unknown field of a row": (
        _set("target_groups", 0, "nmae", value="x"),
        "строка 1: неизвестное поле «nmae»",
    ),
    "missing field of a row": (_drop("grounds", 1, "text"), "grounds, строка 2: text — "),
    "unknown event": (
        _set("time_limits", 0, "starts", value="application.sent"),
        "неизвестное событие «application.sent»",
    ),
    "no event": (_drop("time_limits", 0, "closes"), "неизвестное событие «None»"),
    "unknown unit": (_set("time_limits", 0, "unit", value="years"), "time_limits, строка 1: unit — "),
    "unknown responsible": (_set("time_limits", 0, "responsible", value="boss"), "responsible — "),
    "no such day": (_set("time_limits", 9, "day", value=31), "Такого дня в году нет"),
    "backwards in months": (_set("time_limits", 4, "unit", value="months"), "в рабочих днях или неделях"),
    "a code twice": (
        _set("target_groups", value=[{"code": "a", "name": "A"}] * 2),
        "target_groups, строка 2: ",
    ),
    "quorum above the whole": (_set("body_rules", 0, "quorum_percent", value="101"), "Кворум — больше 0"),
    "a bad requirement": (_set("requirements", 1, "rule", value={"luck": 1}), "Неизвестное условие «luck»"),
    "a chain of an unknown body": (
        _set("chain_links", 0, "body", value="nobody"),
        "правил которых нет: nobody",
    ),
}


@pytest.mark.parametrize(("change", "words"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_bad_file_is_refused_in_one_russian_line_that_names_the_place(changed, change, words):
    """A third region's own file: the mistake is found without a programmer, nothing is stored."""
    path = changed(change)
    with pytest.raises(CommandError) as caught:
        call_command("load_regulation", path)
    message = str(caught.value)
    assert words in message and message.startswith("region.yaml") and "\n" not in message
    assert (
        not Edition.objects.exists() and not TimeLimit.objects.exists() and not Requirement.objects.exists()
    )


def test_a_bad_file_leaves_the_loaded_edition_whole(changed, tomsk):
    """All or nothing."""
    was = _rows(tomsk)
    with pytest.raises(BadRegulation):
        load_regulation(changed(_drop("grounds", 1, "text")))
    assert _rows(tomsk) == was


def test_an_unknown_name_lists_the_known_ones(tmp_path):
    """What can be loaded stands in the sentence."""
    with pytest.raises(CommandError, match=r"Нет файла порядка «omsk»\. Есть: orenburg, tomsk") as caught:
        call_command("load_regulation", "omsk")
    assert caught.value.returncode == 1
    (tmp_path / "latin.yaml").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(CommandError, match="не читается"):
        call_command("load_regulation", str(tmp_path / "latin.yaml"))


def test_the_command_says_what_it_loaded(capsys):
    """One line."""
    call_command("load_regulation", "orenburg")
    assert (
        capsys.readouterr().out
        == "Загружено: Кадровый резерв руководителей системы образования Оренбургской области, редакция 2023 года\n"
    )


def test_a_third_region_is_a_file(changed):
    """A third region writes its own edition without a programmer (process.md)."""

    def change(data):
        data["edition"].update(code="omsk-2027", region_name="Омская область", time_zone="Asia/Omsk")
        data["parameters"]["zones"] = {"value": True}
        data["parameters"]["green_percent"] = {"value": 90}

    edition = load_regulation(changed(change))
    assert edition.code == "omsk-2027" and edition.value("green_percent") == Decimal(90)


def test_rules_are_read_once_and_anew_after_a_change(tomsk, orenburg, django_assert_num_queries):
    """Within one unit of work every copy of an edition has the same rules, also right after they were changed (T6)."""
    assert tomsk.value("wait_months") and tomsk.limits_started_by("application.submitted")
    again = Edition.objects.get(pk=tomsk.pk)
    with django_assert_num_queries(0):
        assert again.value("wait_months") == tomsk.value("wait_months")
        assert again.limits_started_by("application.submitted")
    row = tomsk.parameters.get(key="wait_months")
    for number, change in enumerate(
        (
            lambda: tomsk.parameters.filter(key="wait_months").update(value=0),
            lambda: Parameter.objects.bulk_update([_with(row, 1)], ["value"]),
            lambda: _with(row, 2).save(),
        )
    ):
        change()
        assert again.value("wait_months") == number
        assert orenburg.value("wait_months") not in (1, 2)
    row.delete()
    with pytest.raises(LookupError):
        again.value("wait_months")
    Parameter.objects.bulk_create([_with(row, 4)])
    assert again.value("wait_months") == 4
    tomsk.time_limits.all().delete()
    assert again.limits_started_by("application.submitted") == []


def _with(row: Parameter, value: int) -> Parameter:
    row.value = value
    return row
