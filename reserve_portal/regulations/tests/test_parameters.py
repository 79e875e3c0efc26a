"""Each parameter of an edition has its kind; another value is refused with a sentence (process.md 4)."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from reserve_portal.regulations.models import Parameter
from reserve_portal.regulations.parameters import SPECS, BadParameter, parse_parameter
from reserve_portal.regulations.requirements import rule_problem

FLAG = ([(True, True), (False, False)], ["да", 1, 0, None, "true", []])
WHOLE = ([(0, 0), (12, 12)], [-1, 1.5, "12", None, True, [12]])
GOOD_AND_BAD = {
    "nomination_kinds": (
        [(["self"], ("self",)), (["self", "head"], ("self", "head"))],
        [[], "self", ["friend"], None, [["self"]], {"self": 1}],
    ),
    "several_target_groups": FLAG,
    "registration_pattern": (
        [("КР-{year}-{number:04d}", "КР-{year}-{number:04d}"), ("{number}/{year}", "{number}/{year}")],
        [
            "КР-{year}",
            "{number}-{month}",
            "{number",
            "{}",
            "{0}",
            "{number.real}",
            "{number[0]}",
            "{number!r}",
            "{number:>99999999d}",
            "{number:{year}}",
            "x" * 60 + "{number}",
            7,
            None,
        ],
    ),
    "max_file_mb": WHOLE,
    "max_file_pages": WHOLE,
    "max_package_mb": WHOLE,
    "threshold_percent": (
        [("70", Decimal(70)), (69.5, Decimal("69.5")), (0, Decimal(0)), ("100", Decimal(100))],
        [None, "", "семьдесят", -1, 101, "100.01", "NaN", "Infinity", "1e3", True, [70]],
    ),
    "intakes_a_year": ([(1, 1), (12, 12)], [0, 13, -1, "4", 2.5, None, True]),
    "zones": FLAG,
    "green_percent": (
        [("85", Decimal(85)), (None, None), ("", None)],
        ["много", -0.01, 100.01, "sNaN", {}, [85]],
    ),
    "attempt": ([("best", "best"), ("last", "last"), ("first", "first")], ["Best", "", None, ["best"]]),
    "result_shown": (
        [("passed", "passed"), ("points", "points"), ("sections", "sections")],
        ["everything", "", None, ["points"]],
    ),
    "learning_route": FLAG,
    "wait_months": WHOLE,
    "apply_while_waiting": FLAG,
    "return_months": WHOLE,
    "public_list": FLAG,
    "advantage": ([("events", "events"), ("zone", "zone"), ("none", "none")], ["any", None, 3]),
    "advantage_events": WHOLE,
    "attestation": FLAG,
    "exclusion_age": WHOLE,
    "exclusion_refusals": WHOLE,
    "return_needs_representation": FLAG,
    "quarterly_body": (
        [("", ""), ("expert_commission", "expert_commission")],
        [None, 3, ["expert_commission"], "две комиссии", "x" * 61],
    ),
    "good_reason": FLAG,
    "borders_by_decision": FLAG,
    "expert_conclusion": FLAG,
    "mentors": FLAG,
    "development_plan": FLAG,
    "plan_forms": (
        [([], ()), (["Курсы", " Стажировка "], ("Курсы", "Стажировка"))],
        [None, "Курсы", ["Курсы", "Курсы"], [""], ["x" * 500], [1]],
    ),
    "plan_parts": ([(["goals"], ("goals",))], [[], None, "goals", ["luck"]]),
    "matching_weights": (
        [({"rating": 50, "events": 0}, {"rating": 50, "events": 0}), ({}, {})],
        [{"luck": 5}, {"rating": -1}, {"rating": 0.5}, {"rating": "5"}, [50], None, 50],
    ),
    "defence": FLAG,
    "agreement": FLAG,
    "only_from_reserve": FLAG,
    "municipal_sees_zone": FLAG,
}
GOOD = [(key, raw, value) for key, (good, _) in GOOD_AND_BAD.items() for raw, value in good]
BAD = [(key, raw) for key, (_, bad) in GOOD_AND_BAD.items() for raw in bad]


def test_every_parameter_is_tried():
    """A new parameter comes with its row in the table above."""
    assert set(GOOD_AND_BAD) == set(SPECS)


@pytest.mark.parametrize(("key", "raw", "value"), GOOD)
def test_a_good_value_is_read_in_its_own_type(key, raw, value):
    """Points and percents are Decimal, never float."""
    parsed = parse_parameter(key, raw)
    assert parsed == value and type(parsed) is type(value)


@pytest.mark.parametrize(("key", "raw"), BAD)
def test_a_bad_value_is_refused_with_a_russian_sentence(key, raw):
    """In the file and in the admin alike: the parameter is named, then what it wants."""
    with pytest.raises(BadParameter):
        parse_parameter(key, raw)
    with pytest.raises(ValidationError) as caught:
        Parameter(key=key, value=raw).clean()
    (message,) = caught.value.message_dict["value"]
    assert message.startswith(f"{SPECS[key].label}: ") and message.endswith(".")


def test_an_unknown_parameter_is_a_lookup_error():
    """A typing mistake in code is not a bad value."""
    with pytest.raises(LookupError, match="luck"):
        parse_parameter("luck", 1)


GOOD_RULES = [
    {"document": "medical"},
    {"declared": "no_criminal_record", "title": "Нет судимости"},
    {"citizenship": "RU"},
    {"age": {"from": 25, "to": 62}},
    {"age": {"from": 25}},
    {"experience": {"kinds": ["teaching", "managing"], "years": 0}},
    {"education": {"levels": ["master"], "fields": ["pedagogy"]}},
    {"all": [{"any": [{"retraining": {"fields": ["management"]}}]}, {"document": "medical"}], "title": "Всё"},
]
BAD_RULES = [
    (None, "объект"),
    ("document", "объект"),
    ([], "объект"),
    ({}, "ничего"),
    ({"title": "Пусто"}, "ничего"),
    ({"document": "a", "age": {"from": 1}}, "document, age"),
    ({"all": []}, "«all» — непустой список"),
    ({"any": {"document": "a"}}, "«any» — непустой список"),
    ({"any": [{"document": "a"}, {"luck": 1}]}, "Неизвестное условие «luck»"),
    ({"age": {}}, "«age» записано неверно"),
    ({"age": {"from": "25"}}, "«age» записано неверно"),
    ({"age": {"since": 25}}, "«age» записано неверно"),
    ({"experience": {"kinds": ["teaching"]}}, "«experience» записано неверно"),
    ({"experience": {"kinds": [], "years": 5}}, "«experience» записано неверно"),
    ({"experience": {"kinds": ["teaching"], "years": True}}, "«experience» записано неверно"),
    ({"education": {"levels": "master", "fields": ["pedagogy"]}}, "«education» записано неверно"),
    ({"declared": ""}, "«declared» записано неверно"),
    ({"document": None}, "«document» записано неверно"),
]


@pytest.mark.parametrize("rule", GOOD_RULES)
def test_a_requirements_tree_of_known_conditions_is_accepted(rule):
    """Requirements are data: any, all and leaves (T2, O1.6)."""
    assert rule_problem(rule) == ""


@pytest.mark.parametrize(("rule", "words"), BAD_RULES)
def test_a_requirements_tree_that_cannot_be_judged_is_refused_with_a_sentence(rule, words):
    """At entry, not during the review of a hundred applications."""
    assert words in rule_problem(rule)


def test_the_grammar_knows_the_conditions_that_are_judged():
    """What an edition may ask and what the review can answer are the same."""
    from candidates.rules import LEAVES as JUDGED
    from reserve_portal.regulations.requirements import LEAVES

    assert set(LEAVES) == set(JUDGED)
