"""What changed between two editions of the registry, with the decision behind it (process.md 2, 12)."""

import pytest
from django.urls import reverse

from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.tests.factories import person_with
from reserve_portal.audit.models import AuditEvent
from reservists.models import RegistryEdition
from reservists.services.exclusion import make_exclusion_list
from reservists.services.registry import keep_rows, snapshot_rows
from reservists.services.registry_difference import Difference, changed_fields

from .factories import ReservistFactory, decide


def snapshot(edition, number, basis="протокол № 1"):
    """An edition of the registry as the reserve stands now, without the way to its decision."""
    registry = RegistryEdition.objects.create(
        number=number, edition=edition, approved_on="2026-03-11", basis=basis
    )
    registry.size = keep_rows(registry, snapshot_rows())
    registry.save()
    return registry


def shown(older, newer):
    found = Difference(older, newer)
    return [(line.kind, line.row.reservist_id, line.fields) for line in found.lines(found[0:50])]


def test_added_changed_and_removed_are_told_apart(tomsk):
    """One who stays as he or she was is in none of them; growing service is no change."""
    stays, changes, leaves = (ReservistFactory(edition=tomsk) for _ in range(3))
    older = snapshot(tomsk, 1)
    changes.points = changes.points - 1
    changes.save()
    leaves.state = "excluded"
    leaves.save()
    comes = ReservistFactory(edition=tomsk)
    newer = snapshot(tomsk, 2)
    rows = shown(older, newer)
    assert [(kind, pk) for kind, pk, _ in rows] == [
        ("added", comes.pk),
        ("changed", changes.pk),
        ("removed", leaves.pk),
    ]
    (field,) = rows[1][2]
    assert field[0] == "Баллы" and field[1] != field[2]
    assert stays.pk not in [pk for _, pk, _ in rows]
    assert changed_fields({"experience": "1 год"}, {"experience": "1 год 1 день"}) == []


def test_an_edition_is_an_immutable_snapshot(tomsk):
    """What becomes of the people later does not reach it."""
    reservist = ReservistFactory(edition=tomsk)
    registry = snapshot(tomsk, 1)
    before = registry.lines.get().cells
    reservist.user.last_name = "Переименованный"
    reservist.user.save()
    assert registry.lines.get().cells == before and "Переименованный" not in before["name"]


def test_who_left_is_shown_with_the_decision(orenburg, operator, client):
    """O6.3: the decision behind the difference stands beside the line and in the list of decisions."""
    reservist = ReservistFactory(edition=orenburg)
    ReservistFactory(edition=orenburg)
    snapshot(orenburg, 1, basis="приказ № 1")
    RegistryEdition.objects.filter(number=1).update(number=0)  # the next number of the series is 1
    ground = orenburg.grounds.get(code="own_wish", kind="exclusion")
    decision_list = make_exclusion_list(reservist, ground=ground, words="", actor=operator)
    decide(decision_list, actor=operator)
    newer = RegistryEdition.objects.get(decision_list=decision_list)
    client.force_login(operator)
    page = client.get(reverse("reservists:registry_difference", args=[newer.pk])).content.decode()
    reservist.refresh_from_db()
    assert "Выбыл" in page and reservist.user.full_name in page
    assert page.count(newer.basis) == 2 and reservist.end_basis == newer.basis
    assert AuditEvent.objects.filter(action="reservists.compare_registry", actor=operator).exists()


def test_two_editions_far_apart_are_compared(tomsk, operator, client):
    """Any earlier edition may be named; a later one, or none, is refused in words."""
    ReservistFactory(edition=tomsk)
    snapshot(tomsk, 1)
    ReservistFactory(edition=tomsk)
    snapshot(tomsk, 2)
    ReservistFactory(edition=tomsk)
    newest = snapshot(tomsk, 3)
    client.force_login(operator)
    address = reverse("reservists:registry_difference", args=[newest.pk])
    assert "Отличий: 1" in client.get(address).content.decode()
    assert "Отличий: 2" in client.get(address, {"number": 1}).content.decode()
    for wrong in ("3", "9", "x"):
        assert "Отличий" not in client.get(address, {"number": wrong}).content.decode()
    first = reverse("reservists:registry_difference", args=[RegistryEdition.objects.get(number=1).pk])
    assert "Это первая редакция" in client.get(first).content.decode()


@pytest.mark.parametrize("role", Role)
def test_the_difference_is_for_whoever_reads_the_registry(tomsk, client, role):
    """process.md 12, row «registry (full)»; O8.3."""
    newer = snapshot(tomsk, 1)
    client.force_login(person_with(role))
    answer = client.get(reverse("reservists:registry_difference", args=[newer.pk]))
    reads = role in (Role.OPERATOR, Role.AUTHORITY, Role.AUDITOR)
    assert answer.status_code == (200 if reads else 403)


def test_a_page_costs_the_same_for_two_and_for_many_lines(tomsk, django_assert_max_num_queries):
    """quality.md: the number of queries does not depend on the number of rows."""
    older = snapshot(tomsk, 1)
    for _ in range(6):
        ReservistFactory(edition=tomsk)
    newer = snapshot(tomsk, 2)
    for size in (2, 6):
        with django_assert_max_num_queries(6):
            found = Difference(older, newer)
            assert len(found) == 6
            assert len(list(found.lines(found[0:size]))) == size
