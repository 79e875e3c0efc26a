"""The one seam through which a state changes (architecture.md, rule 1)."""

import ast
import copy
from datetime import date
from itertools import product

import pytest
from django.db import models

from reserve_portal.accounts.models import Municipality
from reserve_portal.accounts.tests.factories import MunicipalityFactory, UserFactory
from reserve_portal.core.models import TransitionLog
from reserve_portal.core.tests.sources import source_trees
from reserve_portal.core.tests.threads import at_once
from reserve_portal.core.timeline import timeline_of
from reserve_portal.core.workflow import TransitionRefused, Workflow, step, workflows


def _probe(table: Workflow) -> Workflow:
    """The same table over a row that any state may be written into, so that no stage's factory is needed here."""
    probe = copy.copy(table)
    probe.model, probe.field, probe.followers = Municipality, "name", []
    return probe


def _states(table: Workflow) -> list[str]:
    return [str(value) for value, _ in table.model._meta.get_field(table.field).flatchoices]


@pytest.fixture
def lamp():
    """A small table of this module: off → on → broken."""
    table = Workflow(
        Municipality,
        "test.lamp",
        "off",
        [
            step("switch_on", ["off"], "on", "Включить", "кто угодно", "Включена"),
            step("switch_off", ["on"], "off", "Выключить", "кто угодно"),
            step("break", ["off", "on"], "broken", "Разбить", "никто", needs_reason=True),
        ],
    )
    table.field = "name"
    yield table
    workflows._plugs.pop("test.lamp")


EVERY_TRANSITION = [
    pytest.param(table, item, id=f"{table.name}:{item.name}")
    for table in workflows
    for item in table.transitions.values()
]


def test_workflows_are_registered():
    """The stages' tables are found, so that the tests below are about something."""
    assert workflows.codes()


@pytest.mark.django_db
@pytest.mark.parametrize(("table", "item"), EVERY_TRANSITION)
def test_a_transition_is_refused_from_every_state_that_is_not_its_source(table, item):
    """Each pair of state and transition that the table does not name raises, and leaves state and log alone."""
    probe, row = _probe(table), MunicipalityFactory()
    for state in set(_states(table)) - item.sources:
        Municipality.objects.filter(pk=row.pk).update(name=state)
        with pytest.raises(TransitionRefused):
            probe.apply(row, item.name, actor=None, reason="причина")
        row.refresh_from_db()
        assert row.name == state
    assert not TransitionLog.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("table", "item"), EVERY_TRANSITION)
def test_a_transition_leads_from_each_source_to_its_target_and_is_logged(table, item):
    """Each row of each table works, from each of its sources."""
    probe, row = _probe(table), MunicipalityFactory()
    for state in sorted(item.sources):
        Municipality.objects.filter(pk=row.pk).update(name=state)
        probe.apply(row, item.name, actor=None, reason="причина")
        row.refresh_from_db()
        assert row.name == item.target
        entry = TransitionLog.objects.order_by("-pk")[0]
        assert (entry.from_state, entry.to_state, entry.label) == (state, item.target, item.done)


@pytest.mark.parametrize("table", [pytest.param(table, id=table.name) for table in workflows])
def test_a_table_names_only_states_of_its_model_and_reaches_each(table):
    """A misspelt state would be a dead end, a state no transition reaches a mistake."""
    states = set(_states(table))
    named = {table.initial} | {item.target for item in table.transitions.values()}
    assert named <= states
    assert set().union(*(item.sources for item in table.transitions.values())) <= states
    assert named == states, f"no way leads to {states - named}"
    field = table.model._meta.get_field(table.field)
    assert isinstance(field, models.CharField) and max(map(len, states)) <= field.max_length
    assert field.get_default() in ("", table.initial)


@pytest.mark.parametrize("table", [pytest.param(table, id=table.name) for table in workflows])
def test_a_table_has_words_for_people(table):
    """Buttons, timeline and the log show the labels; each fits its column."""
    for item in table.transitions.values():
        assert item.label and item.who and 0 < len(item.done) <= 150 and len(item.name) <= 60


@pytest.mark.django_db
def test_the_log_says_who_when_from_to_and_why(lamp, travel):
    """Every change of state stores who, when, from, to, why (process.md 3)."""
    row, actor = MunicipalityFactory(name="off"), UserFactory()
    with travel(date(2026, 9, 1)):
        lamp.start(row, actor=actor, label="Повешена")
        lamp.apply(row, "break", actor=actor, reason="уронили")
    first, second = timeline_of([row])
    assert (first.transition, first.from_state, first.to_state, first.label) == (
        "start",
        "",
        "off",
        "Повешена",
    )
    assert (second.from_state, second.to_state, second.label) == ("off", "broken", "Разбить")
    assert (second.actor, second.reason, second.workflow) == (actor, "уронили", "test.lamp")
    assert second.at.date() == date(2026, 9, 1)
    assert second.subject == row and row.name == "broken"


@pytest.mark.django_db
def test_a_demanded_reason_must_not_be_empty(lamp):
    """Where a reason is demanded, spaces are none."""
    row = MunicipalityFactory(name="off")
    with pytest.raises(TransitionRefused, match="укажите причину"):
        lamp.apply(row, "break", actor=None, reason="  ")
    row.refresh_from_db()
    assert row.name == "off"


@pytest.mark.django_db
def test_the_state_in_the_database_decides_not_the_one_in_memory(lamp):
    """Somebody else was faster: the refusal names the present state."""
    row = MunicipalityFactory(name="off")
    Municipality.objects.filter(pk=row.pk).update(name="on")
    with pytest.raises(TransitionRefused, match="«Включить» сейчас недоступно: состояние — «on»"):
        lamp.apply(row, "switch_on", actor=None)


@pytest.mark.django_db
def test_only_open_transitions_are_offered(lamp):
    """Buttons come from the transitions that are open (architecture.md, rule 2)."""
    assert [item.name for item in lamp.open_from("off")] == ["switch_on", "break"]
    assert lamp.open_from("broken") == []
    assert lamp.is_open(MunicipalityFactory(name="on"), "switch_off")


@pytest.mark.django_db
def test_a_birth_elsewhere_than_in_the_initial_state_is_refused(lamp):
    """A case cannot be born halfway."""
    with pytest.raises(TransitionRefused):
        lamp.start(MunicipalityFactory(name="on"), actor=None, label="Повешена")


@pytest.mark.django_db
def test_an_unknown_transition_is_a_lookup_error(lamp):
    """A typing mistake in code is not a refusal to a person."""
    with pytest.raises(LookupError):
        lamp.apply(MunicipalityFactory(name="on"), "fly", actor=None)


@pytest.mark.django_db
def test_a_timeline_costs_one_query_whatever_its_rows(lamp, django_assert_num_queries):
    """A case with several rows is told in one query, actors included."""
    rows = [MunicipalityFactory(name="off") for _ in range(3)]
    for row, name in product(rows, ("switch_on", "switch_off")):
        lamp.apply(row, name, actor=None)
    with django_assert_num_queries(1):
        assert len([(entry.label, entry.actor) for entry in timeline_of(rows)]) == 6


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_wins(lamp):
    """Two people press the button at the same moment: one deed, one log row, one refusal (quality.md)."""
    rows = [MunicipalityFactory(name="off") for _ in range(5)]
    for row in rows:
        deed = lambda row=row: lamp.apply(row, "switch_on", actor=None)  # noqa: E731
        outcome = at_once([deed] * 6)
        assert outcome.count(None) == 1
        assert all(isinstance(item, TransitionRefused) for item in outcome if item is not None)
        assert TransitionLog.objects.about(row).count() == 1


# The seam itself, and rows of the machinery whose state is a queue's and nobody's case.
MAY_SET_STATES = {
    "reserve_portal/core/workflow.py",
    "reserve_portal/core/jobs.py",
    "reserve_portal/notifications/services.py",
}
STATE_FIELDS = {"state", "status"}


def _sets_a_state(node: ast.AST) -> bool:
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        flat = [part for item in targets for part in (item.elts if isinstance(item, ast.Tuple) else [item])]
        return any(isinstance(item, ast.Attribute) and item.attr in STATE_FIELDS for item in flat)
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    words = {
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }
    if name == "update":
        return any(item.arg in STATE_FIELDS for item in node.keywords)
    if name == "setattr":
        return isinstance(node.args[1], ast.Constant) and node.args[1].value in STATE_FIELDS
    if name == "bulk_update":
        return bool(words & STATE_FIELDS)
    if name == "save":
        return any(
            item.arg == "update_fields"
            and STATE_FIELDS & {part.value for part in ast.walk(item.value) if isinstance(part, ast.Constant)}
            for item in node.keywords
        )
    return False


def test_no_state_is_assigned_outside_the_seam():
    """A state changes only through the workflow seam (architecture.md, rule 1)."""
    found = [
        f"{place}:{node.lineno}"
        for place, tree in source_trees(leave_out=MAY_SET_STATES)
        for node in ast.walk(tree)
        if _sets_a_state(node)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "row.state = 'x'",
        "a, row.status = 1, 2",
        "row.state += 'x'",
        "q.filter(pk=1).update(state='x')",
        "setattr(row, 'state', 'x')",
        "Model.objects.bulk_update(rows, ['state'])",
        "row.save(update_fields=['state'])",
    ],
)
def test_the_search_for_assignments_sees_them(line):
    """The rule above is worth something."""
    assert any(_sets_a_state(node) for node in ast.walk(ast.parse(line)))


@pytest.mark.django_db
def test_many_take_one_transition_as_each_would(lamp, monkeypatch):
    """In few queries, in portions, with a row of the log for each and one call of the followers a portion."""
    monkeypatch.setattr("reserve_portal.core.workflow.AT_ONCE", 2)
    lamps = [MunicipalityFactory(name="off") for _ in range(3)]
    told = []
    lamp.followers.append(lambda rows: told.append(len(rows)))
    actor = UserFactory()
    lamp.apply_to_all(lamps, "switch_on", actor=actor)
    assert told == [2, 1] and {item.name for item in lamps} == {"on"}
    assert set(
        Municipality.objects.filter(pk__in=[item.pk for item in lamps]).values_list("name", flat=True)
    ) == {"on"}
    for item in lamps:
        row = TransitionLog.objects.about(item).get()
        assert (row.transition, row.label, row.from_state, row.to_state, row.actor) == (
            "switch_on",
            "Включена",
            "off",
            "on",
            actor,
        )


@pytest.mark.django_db
def test_of_many_one_in_another_state_keeps_all_back(lamp):
    lamps = [MunicipalityFactory(name="off"), MunicipalityFactory(name="on")]
    with pytest.raises(TransitionRefused):
        lamp.apply_to_all(lamps, "switch_on", actor=None)
    with pytest.raises(TransitionRefused):
        lamp.apply_to_all(lamps[:1], "break", actor=None)  # needs a reason
    assert not TransitionLog.objects.filter(workflow="test.lamp").exists()
    assert Municipality.objects.get(pk=lamps[0].pk).name == "off"
