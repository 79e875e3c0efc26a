"""Events by month and in people's own calendars (T6)."""

from datetime import date, datetime, time, timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from icalendar import Calendar

from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.core.logs import hide_one_time_links
from reservists.enums import EventState
from reservists.models import CalendarFeed, Event, EventsPlan
from reservists.month import first_of, month_of
from reservists.services import events as service
from reservists.services.calendar_feed import feed_of, owner_of, renew_feed, stop_feed
from reservists.views import event_calendar

from .factories import EventFactory, ReservistFactory


@pytest.fixture
def reservist(tomsk):
    return ReservistFactory(edition=tomsk)


def path_of(address):
    return address.split("//")[-1].partition("/")[2].join(["/", ""])


def entries(content):
    return {str(item["summary"]): item for item in Calendar.from_ical(content).walk("VEVENT")}


def test_a_month_has_all_its_days_and_the_event_on_each_of_its_own(db):
    """February of 2026 begins on a Sunday; an event of three days stands on three."""
    start = clock.at(date(2026, 2, 27), time(10))
    EventFactory(starts_at=start, ends_at=start + timedelta(days=2))
    shown = month_of(date(2026, 2, 1), Event.objects.all())
    assert len(shown.days) == 28 and shown.days[0].column == 7 and shown.title == "Февраль 2026"
    assert [day.day.day for day in shown.days if day.events] == [27, 28]
    assert [day.day.day for day in month_of(shown.later, Event.objects.all()).days if day.events] == [1]
    assert shown.earlier == date(2026, 1, 1) and month_of(shown.earlier, Event.objects.all()).is_empty


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-0", "1-1", "9999-01", "²026-01", "2026-1x"])
def test_nonsense_is_no_month(text):
    assert first_of(text) is None


def test_month_page(reservist, client):
    """Own standing beside the event; cancelled ones are not there; nonsense shows this month."""
    event = EventFactory(name="Школа директора")
    EventFactory(name="Отменённый семинар", state=EventState.CANCELLED)
    service.register_for_event(event, participant=reservist, actor=reservist.user)
    client.force_login(reservist.user)
    page = client.get(reverse("reservists:events_month"), {"month": "сегодня"}).content.decode()
    assert "Март 2026" in page and "Школа директора" in page and "записан" in page
    assert "Отменённый семинар" not in page
    assert (
        "мероприятий нет"
        in client.get(reverse("reservists:events_month"), {"month": "2026-08"}).content.decode()
    )


def test_public_plan_by_month(tomsk, client):
    """T6: whoever reads the plan may read it as a calendar; it leads nowhere inside."""
    EventsPlan.objects.create(year=2026, published_on=clock.today())
    event = EventFactory(name="Школа директора")
    page = client.get(reverse("reservists:plan", args=[2026]), {"month": "3"}).content.decode()
    assert "Март 2026" in page and "Школа директора" in page
    assert reverse("reservists:event", args=[event.pk]) not in page


def test_feed_marks_what_is_ones_own(reservist, tomsk):
    """T6: registered, waiting, not registered, called off."""
    own, full, other = (
        EventFactory(name="Моё"),
        EventFactory(name="Полное", places=0),
        EventFactory(name="Чужое"),
    )
    EventFactory(name="Чужое отменённое", state=EventState.CANCELLED)
    for event in (own, full):
        service.register_for_event(event, participant=reservist, actor=reservist.user, may_wait=True)
    found = entries(feed_of(reservist.user))
    assert {name: str(item["status"]) for name, item in found.items()} == {
        "Моё": "CONFIRMED",
        "Полное": "CONFIRMED",
        "Чужое": "TENTATIVE",
    }
    assert "transp" not in found["Моё"] and str(found["Чужое"]["transp"]) == "TRANSPARENT"
    assert found["Моё"].decoded("dtstart") == own.starts_at.replace(microsecond=0)
    assert str(found["Чужое"]["url"]).endswith(reverse("reservists:event", args=[other.pk]))
    service.cancel_event(own, actor=None, reason="карантин")
    assert str(entries(feed_of(reservist.user))["Моё"]["status"]) == "CANCELLED"


def test_only_a_digest_is_kept_and_a_new_address_kills_the_old(reservist, client):
    """The secret stands nowhere in the database; renewing and stopping act at once and are in the audit trail."""
    first = path_of(renew_feed(reservist.user, actor=reservist.user))
    secret = first.split("/")[-2]
    assert len(secret) >= 43 and secret not in str(CalendarFeed.objects.values().get())
    assert client.get(first).status_code == 200
    second = path_of(renew_feed(reservist.user, actor=reservist.user))
    assert client.get(first).status_code == 404 and client.get(second).status_code == 200
    stop_feed(reservist.user, actor=reservist.user)
    assert client.get(second).status_code == 404
    actions = AuditEvent.objects.filter(action__contains="calendar_feed").order_by("pk")
    assert [item.action for item in actions] == [
        "reservists.renew_calendar_feed",
        "reservists.renew_calendar_feed",
        "reservists.stop_calendar_feed",
    ]
    assert not any(secret in str(item.__dict__) for item in actions)


def test_feed_needs_no_cookie_and_sets_none(reservist, client):
    """A calendar program keeps no cookies; nothing of it is cached or indexed; no log tells the secret."""
    address = path_of(renew_feed(reservist.user, actor=reservist.user))
    answer = client.get(address)
    logged = hide_one_time_links(None, "info", {"request": f"GET {address}"})
    assert logged["request"] == "GET /reserve/feed/…/events.ics"
    assert answer.status_code == 200 and not answer.cookies
    assert answer["Content-Type"].startswith("text/calendar")
    assert answer["Cache-Control"] == "private, no-store" and answer["X-Robots-Tag"] == "noindex"
    assert "set-cookie" not in {name.lower() for name in answer.headers}
    assert client.post(path_of(renew_feed(reservist.user, actor=reservist.user))).status_code == 405


def test_feed_is_not_guessed_by_numbers_and_not_too_often(reservist, client, monkeypatch):
    """Any other address is unknown; an address that asks too often is refused."""
    assert client.get(reverse("reservists:feed", args=["1"])).status_code == 404
    monkeypatch.setattr(event_calendar, "FEEDS_A_MINUTE", 2)
    cache.clear()
    codes = [
        client.get(reverse("reservists:feed", args=[f"guess-{number}"])).status_code for number in range(3)
    ]
    assert codes == [404, 404, 429]
    cache.clear()


def test_a_closed_account_has_no_feed_and_who_left_an_empty_one(reservist):
    secret = renew_feed(reservist.user, actor=reservist.user).split("/")[-2]
    EventFactory()
    reservist.user.groups.clear()
    reservist.user.__dict__.pop("roles", None)
    assert owner_of(secret) == reservist.user and entries(feed_of(owner_of(secret))) == {}
    reservist.user.is_active = False
    reservist.user.save()
    assert owner_of(secret) is None


def test_feed_settings_show_a_new_address_once(reservist, client):
    client.force_login(reservist.user)
    page = reverse("reservists:feed_settings")
    assert "Адреса у вас пока нет" in client.get(page).content.decode()
    shown = client.post(page, {"renew": "1"}).content.decode()
    assert "/feed/" in shown and "events.ics" in shown
    later = client.get(page).content.decode()
    assert "events.ics" not in later and "Отключить адрес" in later
    client.post(page, {"stop": "1"})
    assert not CalendarFeed.objects.exists()


def test_feed_is_bounded(reservist):
    """Three months back, nothing older."""
    EventFactory(name="Давно", starts_at=clock.now() - timedelta(days=91))
    EventFactory(name="Недавно", starts_at=clock.now() - timedelta(days=89))
    assert set(entries(feed_of(reservist.user))) == {"Недавно"}
    assert isinstance(entries(feed_of(reservist.user))["Недавно"].decoded("dtend"), datetime)
