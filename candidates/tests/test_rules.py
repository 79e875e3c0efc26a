from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candidates.enums import EducationField, EducationLevel, EmploymentKind
from candidates.rules import Diploma, Facts, Period, days_worked, judge, leaves_of, span_in_words

ON = date(2026, 4, 3)
STANDARD = {
    "any": [
        {
            "title": "Педагогическое образование и переподготовка",
            "all": [
                {"education": {"levels": ["specialist", "master"], "fields": ["pedagogy"]}},
                {"retraining": {"fields": ["management"]}},
            ],
        },
        {
            "title": "Иное образование и две переподготовки",
            "all": [
                {"education": {"levels": ["specialist", "master"], "fields": EducationField.values}},
                {"retraining": {"fields": ["pedagogy"]}},
                {"retraining": {"fields": ["management"]}},
            ],
        },
    ]
}
FIVE_YEARS = {"experience": {"kinds": ["teaching", "managing"], "years": 5}}

days = st.dates(date(1980, 1, 1), date(2030, 12, 31))
periods = st.builds(
    lambda kind, a, b: Period(kind, min(a, b), max(a, b)), st.sampled_from(EmploymentKind.values), days, days
)
diplomas = st.builds(
    Diploma,
    st.sampled_from(EducationLevel.values),
    st.sampled_from(EducationField.values),
    st.just("Предмет"),
    st.integers(1970, 2026),
)


@pytest.mark.parametrize(
    ("since", "met"), [(date(2021, 4, 4), True), (date(2021, 4, 5), False), (date(2021, 4, 3), True)]
)
def test_five_years_are_full_on_the_last_day_of_the_window(since, met):
    """T2: service counts to the window's end, that day included."""
    result = judge(FIVE_YEARS, Facts(on=ON, periods=(Period("teaching", since),)))
    assert result.met is met
    assert bool(result.needed) is not met


def test_what_is_missing_of_the_service_is_named():
    """T2: the sentence says how much is missing."""
    result = judge(FIVE_YEARS, Facts(on=ON, periods=(Period("teaching", date(2022, 4, 4)),)))
    assert result.found == "Стаж на 03.04.2026: 4 года."
    assert result.needed == "Не хватает: 1 год."


def test_two_jobs_at_once_count_once():
    """T2: overlapping periods are one time."""
    january = Period("teaching", date(2025, 1, 1), date(2025, 1, 31))
    later = Period("managing", date(2025, 1, 15), date(2025, 2, 9))
    assert days_worked((january, later), ("teaching", "managing"), ON) == 40


def test_work_of_another_kind_does_not_count():
    """T2: only teaching and managing."""
    assert judge(FIVE_YEARS, Facts(on=ON, periods=(Period("other", date(2000, 1, 1)),))).met is False


@given(st.lists(periods, max_size=6), periods)
def test_more_work_never_lessens_the_service(some, extra):
    """T2, O1.6: a period added never takes days away, and never more than it has."""
    kinds = ("teaching", "managing")
    before, after = days_worked(tuple(some), kinds, ON), days_worked((*some, extra), kinds, ON)
    assert before <= after <= before + (extra.until - extra.since).days + 1


@given(st.lists(periods, max_size=6), st.randoms())
def test_the_order_of_periods_does_not_matter(some, source):
    """T2: service is a set of days."""
    mixed = list(some)
    source.shuffle(mixed)
    assert days_worked(tuple(some), ("teaching",), ON) == days_worked(tuple(mixed), ("teaching",), ON)


@given(st.lists(periods, max_size=5))
def test_service_is_the_number_of_different_days(some):
    """T2: the same as counting days one by one."""
    counted = {
        day
        for row in some
        if row.kind == "teaching"
        for day in range(row.since.toordinal(), min(row.until, ON).toordinal() + 1)
    }
    assert days_worked(tuple(some), ("teaching",), ON) == len(counted)


@given(st.lists(diplomas, min_size=1, max_size=5), diplomas)
def test_another_diploma_never_spoils_the_education(some, extra):
    """T2, order 250n: what is met stays met."""
    if judge(STANDARD, Facts(on=ON, diplomas=tuple(some))).met:
        assert judge(STANDARD, Facts(on=ON, diplomas=(*some, extra))).met


@given(st.lists(diplomas, max_size=5))
def test_a_judgement_not_met_always_says_what_is_needed(some):
    """T2: nobody is left without what to do."""
    result = judge(STANDARD, Facts(on=ON, diplomas=tuple(some)))
    assert result.found
    assert result.met is True or result.needed


def test_nothing_told_is_not_a_failure():
    """T2: an empty questionnaire is unknown, not refused."""
    facts = Facts(on=ON)
    for rule in (
        STANDARD,
        FIVE_YEARS,
        {"citizenship": "RU"},
        {"age": {"from": 25}},
        {"declared": "state_language"},
    ):
        assert judge(rule, facts).met is None


@pytest.mark.parametrize(
    ("born", "met"),
    [
        (date(2001, 4, 3), True),
        (date(2001, 4, 4), False),
        (date(1963, 4, 4), True),
        (date(1963, 4, 3), False),
    ],
)
def test_age_is_counted_on_the_last_day_of_the_window(born, met):
    """O1.6: 25 is reached on the birthday; one is 62 until the day before the 63rd birthday."""
    assert judge({"age": {"from": 25, "to": 62}}, Facts(on=ON, birth_date=born)).met is met


def test_citizenship_and_declarations():
    """O1.6: the citizenship named; a declaration that was denied is not met."""
    facts = Facts(on=ON, citizenship="XX", declared={"no_criminal_record": False, "state_language": True})
    assert judge({"citizenship": "RU"}, facts).met is False
    assert judge({"declared": "no_criminal_record"}, facts).met is False
    assert judge({"declared": "state_language"}, facts).met is True


@pytest.mark.parametrize("answer", [True, False, None])
def test_a_document_counts_when_it_is_accepted(answer):
    """O1.6: there but not looked at is unknown."""
    facts = Facts(on=ON, documents={"medical": answer}, document_names={"medical": "Медицинское заключение"})
    result = judge({"document": "medical"}, facts)
    assert result.met is answer
    assert "Медицинское заключение" in result.title


def test_all_and_any_know_three_answers():
    """T2: no beats unknown in «all», yes beats unknown in «any»."""
    facts = Facts(on=ON, citizenship="XX")
    unknown, no, yes = {"age": {"from": 25}}, {"citizenship": "RU"}, {"citizenship": "XX"}
    assert judge({"all": [unknown, no]}, facts).met is False
    assert judge({"all": [unknown, yes]}, facts).met is None
    assert judge({"any": [unknown, no]}, facts).met is None
    assert judge({"any": [unknown, yes]}, facts).met is True


def test_an_unknown_condition_is_refused():
    """An edition with a misspelt rule is told so."""
    with pytest.raises(LookupError):
        judge({"educatoin": {}}, Facts(on=ON))


def test_leaves_are_found_in_the_depth_of_a_tree():
    """O1.6: the criminal record is both a declaration and a document."""
    rule = {"all": [{"declared": "no_criminal_record"}, {"any": [{"document": "criminal_record"}]}]}
    assert leaves_of(rule, "declared") == ["no_criminal_record"]
    assert leaves_of(rule, "document") == ["criminal_record"]


def test_spans_are_said_in_words():
    assert span_in_words(date(2020, 1, 31), date(2021, 3, 1)) == "1 год 1 месяц 1 день"
    assert span_in_words(ON, ON) == "нет"
