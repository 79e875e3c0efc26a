"""Every limit before, on and after its day, to its responsible role, in one letter a day (process.md 10)."""

from datetime import date

import pytest

from reserve_portal.accounts.tests.factories import MunicipalityFactory, UserFactory, person_with
from reserve_portal.core.models import CalendarYear
from reserve_portal.notifications.digest import send_digests
from reserve_portal.notifications.models import Letter
from reserve_portal.regulations.tests.factories import DeadlineFactory

WEDNESDAY = date(2026, 9, 2)


def _letters():
    return {letter.to: letter for letter in Letter.objects.filter(kind="deadlines.digest")}


def test_the_digest_tells_what_is_overdue_due_today_and_due_soon(tomsk, travel):
    """Soon is up to two working days ahead; what is further away, closed or fallen away is not told."""
    operator = person_with("operator")
    for title, due in (
        ("Вчера", date(2026, 9, 1)),
        ("Сегодня", WEDNESDAY),
        ("В пятницу", date(2026, 9, 4)),
        ("В понедельник", date(2026, 9, 7)),
    ):
        DeadlineFactory(title=title, about="Иванов", due_on=due, responsible="operator")
    DeadlineFactory(title="Закрыт", due_on=WEDNESDAY, responsible="operator", closed_on=WEDNESDAY)
    DeadlineFactory(title="Отпал", due_on=WEDNESDAY, responsible="operator", cancelled=True)
    with travel(WEDNESDAY):
        assert send_digests() == 1
    body = _letters()[operator].body
    assert (
        "Просрочено:\n— Вчера: Иванов (до 01.09.2026)\n\nСегодня:\n— Сегодня: Иванов (до 02.09.2026)" in body
    )
    assert "Скоро:\n— В пятницу: Иванов (до 04.09.2026)" in body
    assert not any(word in body for word in ("В понедельник", "Закрыт", "Отпал"))
    assert _letters()[operator].subject_line == "Сроки на 02.09.2026: дел — 3"


def test_a_person_gets_one_digest_a_day(tomsk, travel):
    """The task runs every ten minutes; the day and the person are the key."""
    person_with("operator")
    DeadlineFactory(due_on=WEDNESDAY, responsible="operator")
    with travel(WEDNESDAY, hour=8):
        assert send_digests() == 1
        assert send_digests() == 0
    DeadlineFactory(due_on=WEDNESDAY, responsible="operator")
    with travel(WEDNESDAY, hour=15):
        assert send_digests() == 0
    with travel(date(2026, 9, 3)):
        assert send_digests() == 1
    assert Letter.objects.count() == 2


@pytest.mark.parametrize("day", [date(2026, 9, 5), date(2026, 9, 6), date(2026, 11, 4)])
def test_no_digest_on_a_day_off(tomsk, travel, day):
    """Saturday, Sunday, a holiday."""
    person_with("operator")
    DeadlineFactory(due_on=day, responsible="operator")
    with travel(day):
        assert send_digests() == 0


def test_no_digest_before_eight_in_the_morning(tomsk, travel):
    """Nobody wants it at night; a task that was late still sends it in the day."""
    person_with("operator")
    DeadlineFactory(due_on=WEDNESDAY, responsible="operator")
    with travel(WEDNESDAY, hour=7):
        assert send_digests() == 0
    with travel(WEDNESDAY, hour=22):
        assert send_digests() == 1


def test_each_gets_the_own_limits_alone(tomsk, travel):
    """By role, by name, by municipality; whoever has none gets no letter."""
    here, there = MunicipalityFactory(), MunicipalityFactory()
    operator, mine = person_with("operator"), person_with("municipal", municipality=here)
    person_with("municipal", municipality=there)
    candidate, _other = person_with("candidate"), person_with("candidate")
    person_with("auditor")
    DeadlineFactory(title="Проверить", due_on=WEDNESDAY, responsible="operator")
    DeadlineFactory(title="Сообщить", due_on=WEDNESDAY, responsible="municipal", municipality=here)
    DeadlineFactory(title="Исправить", due_on=WEDNESDAY, responsible="candidate", responsible_user=candidate)
    with travel(WEDNESDAY):
        assert send_digests() == 3
    letters = _letters()
    assert set(letters) == {operator, mine, candidate}
    assert "Исправить" in letters[candidate].body and "Проверить" not in letters[candidate].body
    assert "Сообщить" in letters[mine].body


def test_a_candidates_limit_without_a_name_reaches_no_candidate(tomsk, travel):
    """Somebody's own case is nobody else's business."""
    person_with("candidate")
    DeadlineFactory(due_on=WEDNESDAY, responsible="candidate", responsible_user=None)
    with travel(WEDNESDAY):
        assert send_digests() == 0


def test_a_closed_account_gets_no_digest(tomsk, travel):
    """Who left the institute is not written to."""
    UserFactory(operator=True, is_active=False)
    DeadlineFactory(due_on=WEDNESDAY, responsible="operator")
    with travel(WEDNESDAY):
        assert send_digests() == 0


def test_the_last_days_before_a_year_not_loaded_still_have_their_digest(tomsk, travel):
    """Reminders do not stop because the calendar of the next year is late."""
    person_with("operator")
    DeadlineFactory(due_on=date(2027, 12, 30), responsible="operator")
    assert not CalendarYear.objects.filter(year=2028).exists()
    with travel(date(2027, 12, 30)):
        assert send_digests() == 1
