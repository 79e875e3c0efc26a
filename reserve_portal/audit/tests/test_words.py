"""The auditor reads the details of an event in words (quality.md, Security: the journal is for inspection)."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reserve_portal.accounts.models import Organisation, User
from reserve_portal.accounts.tests.factories import MunicipalityFactory, OrganisationFactory, person_with
from reserve_portal.audit.models import AuditEvent
from reserve_portal.audit.services import record_event
from reserve_portal.audit.words import described_details
from reserve_portal.core import clock

pytestmark = pytest.mark.django_db


def words(model, **details):
    return dict(described_details(model, details))


def test_fields_are_named_as_their_model_names_them():
    town = MunicipalityFactory(name="Город Томск")
    assert words(Organisation, municipality=town.pk, is_active=False, kind="school") == {
        "Муниципальное образование": ["Город Томск"],
        str(Organisation._meta.get_field("is_active").verbose_name).capitalize(): ["нет"],
        str(Organisation._meta.get_field("kind").verbose_name).capitalize(): [
            dict(Organisation._meta.get_field("kind").flatchoices).get("school", "school")
        ],
    }


def test_values_are_written_as_people_write_them():
    moment = clock.now().replace(year=2026, month=3, day=2, hour=5, minute=7)
    found = words(
        None,
        on="2026-03-02",
        until=moment.isoformat(),
        total="12.5",
        roles=["operator", "expert"],
        reason="",
        rows=[],
        strange={"was": True, "x": [1, None]},
    )
    assert found == {
        "День": ["02.03.2026"],
        "До какого дня": [f"{clock.local(moment):%d.%m.%Y %H:%M}"],
        "Всего": ["12.5"],
        "Роли": ["оператор", "эксперт"],
        "Причина": ["—"],
        "Строки": ["—"],
        "strange": ["Было: да; x: 1, —"],
    }


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("2026-99-99"),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["municipality", "roles", "groups", "x"]), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_whatever_was_recorded_is_shown(details):
    """Never a crash: the journal is read years later, when models have changed."""
    for model in (None, User):
        for name, values in described_details(model, details):
            assert isinstance(name, str) and values and all(isinstance(value, str) for value in values)


def test_the_auditor_reads_no_codes(client_of):
    organisation = OrganisationFactory()
    record_event(
        "accounts.invite", organisation, actor=None, roles=["operator"], on=date(2026, 3, 2), n=Decimal("1.5")
    )
    event = AuditEvent.objects.latest("pk")
    page = client_of(person_with("auditor")).get(f"/admin/audit/auditevent/{event.pk}/change/")
    shown = page.content.decode()
    assert "Роли: оператор" in shown and "День: 02.03.2026" in shown and "n: 1.5" in shown
    assert "2026-03-02" not in shown and "&quot;roles&quot;" not in shown
