"""What `bin/serve setup` loads into a new installation, and leaves alone afterwards (issue, Production)."""

import io

import pytest
from django.core.management import CommandError, call_command

from reserve_portal.accounts.models import Municipality, User
from reserve_portal.core.models import CalendarDay, CalendarYear
from reserve_portal.pages.models import PublicPage
from reserve_portal.regulations.models import Edition

pytestmark = pytest.mark.django_db


def _said(region: str) -> str:
    out = io.StringIO()
    call_command("setup_region", region, stdout=out)
    return out.getvalue()


def test_a_new_installation_gets_rules_calendar_places_and_pages_and_no_people():
    """A region begins to work without a programmer; nobody of the living example is there."""
    assert "Загружена редакция" in _said("orenburg")
    assert Edition.objects.get().in_force and CalendarYear.objects.filter(year=2026).exists()
    assert Municipality.objects.exists() and PublicPage.objects.exists() and not User.objects.exists()


def test_an_update_changes_nothing_that_is_there():
    """Run after each update: an edited page, a newer decree and the edition in force stay."""
    _said("tomsk")
    PublicPage.objects.update(body="Свой текст")
    CalendarDay.objects.filter(day__year=2026).delete()
    Municipality.objects.filter(pk=Municipality.objects.first().pk).delete()
    before = Municipality.objects.count()
    assert _said("orenburg") == "Новых страниц сайта: 0.\n"
    assert Edition.objects.count() == 1 and Municipality.objects.count() == before
    assert set(PublicPage.objects.values_list("body", flat=True)) == {"Свой текст"}
    assert not CalendarDay.objects.filter(day__year=2026).exists()


def test_an_unknown_region_is_refused_in_words_and_leaves_nothing():
    with pytest.raises(CommandError):
        call_command("setup_region", "nowhere", stdout=io.StringIO())
    assert not CalendarYear.objects.exists()
