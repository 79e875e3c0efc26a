"""A withdrawn consent to publication: hidden at once, taken down within 3 working days (152-FZ, art. 10.1)."""

from datetime import date

import pytest
from django.urls import reverse

from candidates.services.consents import withdraw_consent
from reserve_portal.core.desk import desk_for
from reserve_portal.regulations.models import Deadline
from reservists.services.dissemination import consents_to_stop, stop_dissemination
from reservists.services.registry import publish_registry

from .factories import consent_to_publication
from .test_registry import approved

LIMIT = "dissemination_stop"


@pytest.fixture
def withdrawn(tomsk, operator):
    """A published person who has just withdrawn the consent, on Wednesday, 11 March."""
    registry = approved(tomsk, operator)
    row = registry.lines.get()
    consent = consent_to_publication(row.user, tomsk)
    publish_registry(registry, actor=operator)
    row.refresh_from_db()
    assert row.published["name"]
    return withdraw_consent(consent, actor=row.user), row


def test_the_limit_runs_three_working_days(withdrawn, operator):
    """From Wednesday to Monday: the edition's own limit, with its clause, on the operator's desk."""
    consent, _ = withdrawn
    deadline = Deadline.objects.about(consent).get(limit__code=LIMIT)
    assert deadline.due_on == date(2026, 3, 16) and deadline.is_open
    assert deadline.responsible == "operator" and deadline.limit.clause == "152-ФЗ, ст. 10.1"
    labels = [item.label for item in desk_for(operator)]
    assert "Прекратить публикацию по отзыву согласия" in labels


@pytest.mark.parametrize(("day", "late"), [(date(2026, 3, 16), False), (date(2026, 3, 17), True)])
def test_the_last_day_itself_is_in_time(withdrawn, operator, travel, day, late):
    """What stands published of the person goes; nobody waits any longer; a second time changes nothing."""
    consent, row = withdrawn
    with travel(day):
        stop_dissemination(consent, actor=operator)
        stop_dissemination(consent, actor=operator)
    row.refresh_from_db()
    deadline = Deadline.objects.about(consent).get(limit__code=LIMIT)
    assert row.published == {} and row.cells["name"]
    assert deadline.closed_on == day and deadline.was_late is late
    assert not consents_to_stop().exists()


def test_who_agrees_anew_stays_published(withdrawn, tomsk, operator):
    """Only what no consent covers any more is deleted."""
    consent, row = withdrawn
    anew = consent_to_publication(row.user, tomsk)
    anew.items = ["municipality"]
    anew.save()
    stop_dissemination(consent, actor=operator)
    row.refresh_from_db()
    assert set(row.published) == {"municipality"}


def test_the_operator_confirms_it_on_a_page(withdrawn, operator, client):
    """What the portal cannot reach is named there: copies that were put elsewhere."""
    consent, row = withdrawn
    client.force_login(operator)
    address = reverse("admin:reservists_registryedition_stop")
    assert row.user.full_name in client.get(address).content.decode()
    assert client.post(address, {"consents": []}).status_code == 200
    assert consents_to_stop().exists()
    assert client.post(address, {"consents": [consent.pk]}).status_code == 302
    assert not consents_to_stop().exists()
