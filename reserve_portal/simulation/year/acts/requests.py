"""People ask about their personal data; the operator answers, sometimes late (152-FZ, article 20)."""

from datetime import date

from candidates.models import Application
from candidates.services.requests import answer_request, make_request
from reserve_portal.core import calendar

from ..year import Year

MONTHS = (4, 7, 10)


def begin(year: Year) -> None:
    """Plan a few requests over the year."""
    for month in MONTHS:
        day = calendar.next_working_day(date(year.number, month, 15))
        year.plan(day, 21, 0, ask, year, month)


def ask(year: Year, month: int) -> None:
    people = list(Application.objects.exclude(submitted_at=None).select_related("user").order_by("pk"))
    if not people:
        return
    dice = year.dice("asks", month)
    user = dice.choice(people).user
    request = make_request(user, kind="access", text="Какие мои данные у вас есть?")
    year.refused("тот же запрос ещё раз", make_request, user, kind="access", text="Жду.")
    year.soon(
        dice.choice((3, 8, 12)),
        lambda: answer_request(request, answer="Анкета и документы заявления.", actor=year.cast["operator"]),
    )
