"""Certification within training programmes is recorded with its result (O1.16)."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.personal_data import sources
from reserve_portal.notifications.models import Letter
from reservists.models import Certification, Reservist
from reservists.services.certifications import record_certification, remove_certification

from .factories import ReservistFactory

FIELDS = {
    "programme": "Управление изменениями",
    "kind": "course",
    "organiser": "Институт",
    "hours": 72,
    "passed_on": date(2026, 3, 10),
    "passed": True,
    "result": "отлично",
    "document": "удостоверение № 1",
    "with_experts": True,
}


def test_it_is_recorded_once_and_told(orenburg, operator):
    reservist = ReservistFactory(edition=orenburg)
    row = record_certification(reservist, actor=operator, **FIELDS)
    assert row.recorded_by == operator and "отлично" in Letter.objects.get(kind="reserve.certified").body
    with pytest.raises(ValidationError, match="уже внесена"):
        record_certification(reservist, actor=operator, **FIELDS)
    words = str(sources.get("reserve").collect(reservist.user).rows)
    assert "удостоверение № 1" in words


def test_not_for_a_day_to_come_or_who_left(orenburg, operator):
    reservist = ReservistFactory(edition=orenburg)
    tomorrow = clock.today() + timedelta(days=1)
    with pytest.raises(GateShut, match="не наступила"):
        record_certification(reservist, actor=operator, **{**FIELDS, "passed_on": tomorrow})
    Reservist.objects.update(state="excluded")
    with pytest.raises(GateShut, match="не состоит"):
        record_certification(reservist, actor=operator, **FIELDS)


def test_a_mistake_is_taken_out_with_a_reason_that_stays(orenburg, operator):
    row = record_certification(ReservistFactory(edition=orenburg), actor=operator, **FIELDS)
    with pytest.raises(GateShut, match="причину"):
        remove_certification(row, reason=" ", actor=operator)
    remove_certification(row, reason="Не тот человек", actor=operator)
    assert not Certification.objects.exists()
    event = AuditEvent.objects.get(action="reservists.remove_certification")
    assert event.details["reason"] == "Не тот человек"


def test_pages(client, orenburg, operator):
    """The operator enters it; the person sees it; what is wrong is said at its field and nothing typed is lost."""
    reservist = ReservistFactory(edition=orenburg)
    client.force_login(operator)
    address = reverse("admin:reservists_reservist_certify", args=[reservist.pk])
    typed = {**FIELDS, "passed": "on", "with_experts": "on", "passed_on": "2026-03-10"}
    page = client.post(address, {**typed, "hours": "3"}).content.decode()
    assert "Не меньше 16 часов" in page and "Управление изменениями" in page
    client.post(address, typed)
    change = client.get(reverse("admin:reservists_reservist_change", args=[reservist.pk])).content.decode()
    assert "Управление изменениями" in change
    client.force_login(reservist.user)
    page = client.get(reverse("reservists:mine")).content.decode()
    assert "Управление изменениями" in page and "с участием экспертной комиссии" in page
