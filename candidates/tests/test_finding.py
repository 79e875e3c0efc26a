"""Finding an application in the register (issue of the operator's workplace): name, number, СНИЛС; pitfalls.md 5."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candidates.forms import QuestionnaireForm
from candidates.identity import read_snils
from candidates.models import Application, Profile, SearchTerm
from candidates.services.finding import find_applications, index_application
from candidates.services.snapshots import describe_profile, snils_of
from candidates.tests.intake_data import (
    make_campaign,
    make_edition,
    make_operator,
    make_person,
    make_registered,
    make_submitted,
    moment,
)
from reserve_portal.accounts.models import User
from reserve_portal.core import clock
from reserve_portal.core.crypto import CannotOpen, seal, unseal
from reserve_portal.core.search import capped_count

SNILS = "112-233-445 95"  # the example of the rule's own text


@pytest.fixture
def campaign(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with clock.travel(moment(2026, 4, 20)):
        yield make_campaign(make_operator(), make_edition())


def found(text):
    return set(find_applications(Application.objects.all(), text))


@pytest.mark.parametrize(
    "text",
    [
        "семенова",
        "СЕМЁНОВА",
        "Семёнова",
        "сем",
        "мария",
        "Мария Семёнова",
        "семёнова м",
        "щедрин",
        "maria@example.org",
    ],
)
def test_a_name_is_found_by_the_beginning_of_any_word(campaign, text):
    wanted = make_submitted(
        campaign, user=make_person(last_name="Семёнова-Щедрина", first_name="Мария", patronymic="Ивановна")
    )
    User.objects.filter(pk=wanted.user_id).update(email="Maria@Example.org")
    index_application(Application(pk=wanted.pk, user=wanted.user))  # the caller's copy may be an old one
    wanted.refresh_from_db()
    assert wanted.municipality is not None
    make_submitted(campaign, user=make_person(last_name="Петрова", first_name="Анна"))
    assert found(text) == {wanted}


@pytest.mark.parametrize("text", ["семенова анна", "еменова", "семенова%", "_", "сем_нова"])
def test_nothing_is_found_by_an_inner_part_or_by_a_sign_of_like(campaign, text):
    make_submitted(campaign, user=make_person(last_name="Семёнова", first_name="Мария"))
    make_submitted(campaign, user=make_person(last_name="Петрова", first_name="Анна"))
    assert found(text) == set()


def test_a_surname_of_two_letters_is_found(campaign):
    """«Ли» is a surname (pitfalls.md 5)."""
    short = make_submitted(campaign, user=make_person(last_name="Ли", first_name="Вера"))
    long = make_submitted(campaign, user=make_person(last_name="Линник", first_name="Вера"))
    make_submitted(campaign, user=make_person(last_name="Белинская", first_name="Вера"))
    assert found("Ли") == {short, long}
    assert found("линн") == {long}


def test_a_number_is_found_whole_by_its_beginning_and_by_its_count(campaign):
    application = make_registered(campaign, make_operator())
    number = application.registration.text
    for text in (
        number,
        number.lower(),
        number[:7],
        str(application.registration.number),
        number.split("-")[-1],
    ):
        assert application in found(text), text


def test_a_person_is_found_by_the_end_of_the_snils_or_by_the_whole_one(campaign):
    wanted = make_submitted(campaign, snils=seal(SNILS))
    make_submitted(campaign)
    for text in ("4595", SNILS, "11223344595", "112 233 445 95"):
        assert found(text) == {wanted}, text
    assert found("4594") == set()
    assert found("112-233-445 96") == set()


def test_the_database_holds_no_readable_snils(campaign):
    """quality.md: encrypted identity numbers; a snapshot and the words of the search keep them sealed too."""
    user = make_person()
    Profile.objects.create(user=user, snils=SNILS)
    assert Profile.objects.get(user=user).snils == SNILS
    stored = Profile.objects.filter(user=user).extra(select={"raw": "snils"}).values_list("raw", flat=True)[0]
    snapshot = describe_profile(user)
    application = make_submitted(campaign, user=user, snils=snapshot["profile"]["snils"])
    assert snils_of(application.snapshot) == SNILS
    words = " ".join(SearchTerm.objects.values_list("term", flat=True))
    for text in (stored, str(snapshot), words):
        assert "4595" not in text and "445" not in text


def test_a_sealed_value_needs_its_key_and_old_keys_still_open(settings):
    first, second = b"1" * 32, b"2" * 32
    settings.FIELD_KEYS = {"a": first}
    stored = seal(SNILS)
    assert seal(SNILS) != stored  # a new nonce each time
    settings.FIELD_KEYS = {"b": second, "a": first}
    assert unseal(stored) == SNILS
    assert seal("x").startswith("b:")
    settings.FIELD_KEYS = {"b": second}
    with pytest.raises(CannotOpen):
        unseal(stored)
    with pytest.raises(CannotOpen):
        unseal(seal(SNILS)[:-4] + "AAA=")


@pytest.mark.parametrize(
    "text", [SNILS, "11223344595", "112 233 445 95", "112–233–445–95", " 112-233-445 95 "]
)
def test_a_snils_is_read_however_it_is_written(text):
    assert read_snils(text) == SNILS


@pytest.mark.parametrize(
    "text", ["112-233-445 96", "1122334459", "112233445955", "112-233-44А 95", "+11223344595"]
)
def test_a_wrong_snils_is_refused_in_words(text):
    with pytest.raises(ValueError, match="СНИЛС"):
        read_snils(text)


def test_the_first_numbers_carry_no_check_digits():
    """domain/personal-data.md: checked above 001-001-998 alone."""
    assert read_snils("000-000-600 06") == "000-000-600 06"
    assert read_snils("001-001-998 00") == "001-001-998 00"
    with pytest.raises(ValueError, match="не сходятся"):
        read_snils("001-001-999 00")


@given(st.integers(1_001_999, 999_999_999))
def test_exactly_one_pair_of_check_digits_fits_a_number(nine):
    fitting = []
    for check in range(100):
        try:
            fitting.append(read_snils(f"{nine:09d}{check:02d}"))
        except ValueError:
            continue
    assert len(fitting) == 1


def test_the_questionnaire_says_what_is_wrong_with_a_snils(db):
    form = QuestionnaireForm({"snils": "112-233-445 96"}, instance=Profile(user=make_person()))
    assert not form.is_valid()
    assert "не сходятся" in form.errors["snils"][0]
    assert QuestionnaireForm({"snils": ""}, instance=Profile(user=make_person())).is_valid()


def test_a_count_has_an_end(campaign):
    for _ in range(3):
        make_submitted(campaign)
    assert [capped_count(Application.objects.all(), cap) for cap in (1, 2, 3, 4)] == [2, 3, 3, 3]


def test_a_search_uses_the_index(campaign):
    """Both databases answer a prefix from the index on words, whatever the number of applications."""
    make_submitted(campaign)
    plan = SearchTerm.objects.filter(term__prefix="пет").values("application").explain()
    sqlite = "search_term_begins" in plan
    # PostgreSQL reads a table of one page whole; that its plan may take the index is seen without that choice.
    assert sqlite or _postgres_plan_takes_the_index()


def _postgres_plan_takes_the_index():
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = SearchTerm.objects.filter(term__prefix="пет").values("application").explain()
    return "search_term_begins" in plan and "Index Cond" in plan
