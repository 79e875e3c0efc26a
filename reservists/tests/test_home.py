"""«Мой резерв»: what lies ahead, rating with its history, mentor, letters (O4.7, O4.14, O4.18)."""

from datetime import timedelta
from decimal import Decimal

from django.urls import reverse

from reserve_portal.accounts.tests.factories import UserFactory
from reserve_portal.core import clock
from reserve_portal.core.dashboard import ahead_of
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.models import Deadline
from reservists.services import attestation as services
from reservists.services.attestation_results import make_attestation_list
from reservists.services.ratings import rating_history

from .development import guide_of, guided, make_plan
from .factories import EventFactory, ParticipationFactory, ReservistFactory, decide
from .test_attestation import attest, people, planned  # noqa: F401


def test_history_begins_with_the_inclusion_and_follows_each_decision(planned, operator, orenburg):  # noqa: F811
    """O4.18: points as exact numbers, cut and never rounded up in their share; zone, place and ground of each."""
    row = people(orenburg, "Первый", points=Decimal("69.98"), zone="red", rank=7)[0]
    assert [str(item.share) for item in rating_history(row, [])] == ["69.9"]
    services.open_attestation(planned, actor=operator)
    attest(planned, operator, Первый="40 25")
    decide(make_attestation_list(planned, actor=operator), actor=operator)
    row.refresh_from_db()
    first, second = rating_history(row, list(row.changes.all()))
    assert (first.points, first.zone, first.rank, first.what) == (
        Decimal("69.98"),
        "красная",
        7,
        "включение в резерв",
    )
    assert (second.points, second.maximum, second.zone, second.rank) == (90, 100, "зелёная", 1)
    assert "приказ № 12" in second.basis


def test_own_page_shows_rating_as_plot_and_table(client, planned, operator, orenburg):  # noqa: F811
    """The plot has a table of the same figures beside it; without zones none is told."""
    row = people(orenburg, "Первый", points=Decimal("75"), zone="yellow")[0]
    services.open_attestation(planned, actor=operator)
    attest(planned, operator, Первый="40 25")
    decide(make_attestation_list(planned, actor=operator), actor=operator)
    client.force_login(row.user)
    page = client.get(reverse("reservists:mine")).content.decode()
    plot = page[page.index('<svg role="img"') : page.index("</svg>", page.index('<svg role="img"'))]
    for words in ("жёлтая", "зелёная", "75 %", "90 %"):
        assert words in plot and page.count(words) >= 2
    client.force_login(operator)
    assert "Как менялся рейтинг" in client.get(reverse("reservists:person", args=[row.pk])).content.decode()


def test_what_lies_ahead_is_sorted_by_day(orenburg):
    """O4.9, O4.14: limits of plan and report, and the events one is registered for, the nearest first."""
    reservist = guided(orenburg)
    event = EventFactory(starts_at=clock.now() + timedelta(days=2))
    ParticipationFactory(reservist=reservist, event=event)
    ParticipationFactory(
        reservist=reservist, event=EventFactory(name="Прошедшее", begun=False), state="refused"
    )
    rows = ahead_of(reservist.user)
    assert [row.title for row in rows] == [event.name, "Согласовать план развития с наставником"]
    assert (
        rows[1].is_limit
        and rows[1].clause == "п. 4.9 Порядка"
        and rows[1].url == reverse("reservists:my_plans")
    )
    make_plan(reservist, state="agreed")
    titles = {row.title: row.url for row in ahead_of(reservist.user)}
    report = reservist.reports.get()
    assert titles["Представить квартальный отчёт"] == reverse("reservists:report", args=[report.pk])
    assert ahead_of(guide_of(reservist)) == []


def test_attestation_that_goes_on_lies_ahead_of_those_attested(planned, operator, orenburg):  # noqa: F811
    """O4.10: until its last day, for everybody in the sheet."""
    row = people(orenburg, "Первый")[0]
    assert ahead_of(row.user) == []
    services.open_attestation(planned, actor=operator)
    later = ReservistFactory(edition=orenburg)
    assert [item.on for item in ahead_of(row.user)] == [planned.closes_on]
    assert ahead_of(later.user) == []


def test_own_page_says_mentor_letters_and_what_is_overdue(client, orenburg):
    """One look tells who guides me, what came, and what I owe since when."""
    reservist = guided(orenburg)
    for number in range(4):
        send_letter("reserve.leaving", to=reservist.user, key=f"letter:{number}", values={}, about=reservist)
    Deadline.objects.update(due_on=clock.today() - timedelta(days=1))
    client.force_login(reservist.user)
    page = client.get(reverse("reservists:mine")).content.decode()
    assert guide_of(reservist).full_name in page and guide_of(reservist).email in page
    assert page.count("Мы получили ваше заявление о выходе") == 3
    assert "просрочено" in page


def test_home_without_mentors_says_nothing_of_them(client, tomsk):
    """T4: passed shows as green, which is one's own to see; where the edition knows no mentors, none is awaited."""
    reservist = ReservistFactory(edition=tomsk)
    client.force_login(reservist.user)
    page = client.get(reverse("reservists:mine")).content.decode()
    assert "Наставник" not in page and "зелёная" in page and "80 из 100" in page
    client.force_login(UserFactory(roles=["authority"]))
    page = client.get(reverse("reservists:person", args=[reservist.pk])).content.decode()
    assert "Как менялся рейтинг" in page and "зелёная" not in page
