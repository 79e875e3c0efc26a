"""Pages of attestation, changes and leaving: who may, what they show, what they do (process.md 12)."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.tests.factories import MunicipalityFactory, UserFactory, person_with
from reserve_portal.core import clock
from reserve_portal.core.desk import desk_for
from reservists import perms
from reservists.enums import AttestationState, SignalState
from reservists.models import Attestation, AttestationScore, ExclusionSignal
from reservists.services.signals import apply_to_leave

from .factories import ReservistFactory


def counter(operator, label):
    return next(item.count for item in desk_for(operator) if item.label == label)


def test_permissions_to_leave_and_to_report_a_dismissal(orenburg):
    """process.md 12: the reservist leaves; only the own municipality tells of a dismissal."""
    reservist = ReservistFactory(edition=orenburg)
    official = person_with(Role.MUNICIPAL, municipality=reservist.municipality)
    stranger = person_with(Role.MUNICIPAL, municipality=MunicipalityFactory())
    assert perms.can_leave(reservist.user, reservist) and not perms.can_leave(official, reservist)
    assert perms.can_report_dismissal(official, reservist)
    for user in (stranger, reservist.user, *map(person_with, Role)):
        assert not perms.can_report_dismissal(user, reservist)


def test_reservist_leaves_by_a_page_with_confirmation(orenburg, client_of):
    """O6.2: a reason, then the application; «Мой резерв» says where it is and offers no second one."""
    reservist = ReservistFactory(edition=orenburg)
    browser = client_of(reservist.user)
    address = reverse("reservists:leave", args=[reservist.pk])
    assert address in browser.get(reverse("reservists:mine")).content.decode()
    assert "Заполните это поле" in browser.post(address, {"reason": ""}).content.decode()
    answer = browser.post(address, {"reason": "Переезд"}, follow=True).content.decode()
    assert "рассматривает оператор" in answer and address not in answer
    assert "Сейчас это невозможно" in browser.get(address).content.decode()
    assert "Об этом уже сообщено" in browser.post(address, {"reason": "Ещё раз"}).content.decode()
    assert ExclusionSignal.objects.count() == 1
    other = ReservistFactory(edition=orenburg)
    assert browser.get(reverse("reservists:leave", args=[other.pk])).status_code == 404


def test_municipality_tells_of_a_dismissal(orenburg, client_of):
    """O6.2: by a form on the person's page; a foreign person does not exist."""
    reservist = ReservistFactory(edition=orenburg)
    browser = client_of(UserFactory(roles=["municipal"], municipality=reservist.municipality))
    address = reverse("reservists:dismissal", args=[reservist.pk])
    page = reverse("reservists:person", args=[reservist.pk])
    assert address in browser.get(page).content.decode()
    wrong = {"dated": "2026-03-12", "order_number": "5", "words": ""}
    assert "ещё не наступила" in browser.post(address, wrong).content.decode()
    answer = browser.post(address, wrong | {"dated": "2026-03-11"}, follow=True).content.decode()
    assert "Сообщение принято" in answer and address not in answer
    foreign = client_of(UserFactory(roles=["municipal"], municipality=MunicipalityFactory()))
    assert foreign.get(address).status_code == 404


def test_operator_sends_and_dismisses_signals(orenburg, operator, client_of):
    """O6.1: the desk counts them; sending makes the list and leads to it, dismissing needs a reason."""
    signals = [
        apply_to_leave(ReservistFactory(edition=orenburg), reason="Переезд", actor=None) for _ in range(2)
    ]
    browser = client_of(operator)
    assert counter(operator, "Рассмотреть сигналы об исключении") == 2
    send = reverse("admin:reservists_exclusionsignal_send", args=[signals[0].pk])
    assert "Переезд" in browser.get(send).content.decode()
    answer = browser.post(send, follow=True)
    assert "Список передан органу" in answer.content.decode()
    dismiss = reverse("admin:reservists_exclusionsignal_dismiss", args=[signals[1].pk])
    assert "Заполните это поле" in browser.post(dismiss, {"reason": ""}).content.decode()
    browser.post(dismiss, {"reason": "Заявление отозвано"})
    assert counter(operator, "Рассмотреть сигналы об исключении") == 0
    states = set(ExclusionSignal.objects.values_list("state", flat=True))
    assert states == {SignalState.SENT, SignalState.DISMISSED}
    shown = browser.get(reverse("admin:reservists_exclusionsignal_change", args=[signals[1].pk]))
    assert "Заявление отозвано" in shown.content.decode()


def test_operator_walks_an_attestation_through_its_pages(orenburg, operator, client_of):
    """O4.17: plan, instruments, borders, beginning, points in the table, results, sheet."""
    browser = client_of(operator)
    people = [ReservistFactory(edition=orenburg) for _ in range(2)]
    days = {"year": 2026, "opens_on": "2026-03-11", "closes_on": "2026-03-11"}
    browser.post(reverse("admin:reservists_attestation_new"), days)
    row = Attestation.objects.get()

    def page(name, *more):
        return reverse(f"admin:reservists_attestation_{name}", args=[row.pk, *more])

    instrument = {"name": "Тест", "kind": "test", "maximum": "40,5", "weight": "1"}
    browser.post(page("add_instrument"), instrument)
    browser.post(page("add_instrument"), instrument | {"name": "Лишнее"})
    browser.post(page("remove_instrument", row.instruments.last().pk))
    assert "Не указано, каким решением" in browser.get(page("change")).content.decode()
    borders = {"threshold_percent": "70", "green_percent": "85", "borders_basis": "протокол № 1"}
    browser.post(page("borders"), borders)
    browser.post(page("open"))
    item = row.instruments.get()
    first, second = row.entries.in_order()
    cells = {f"points_{first.pk}_{item.pk}": "41", f"absent_{first.pk}": ""}
    cells |= {f"points_{second.pk}_{item.pk}": "", f"absent_{second.pk}": "болезнь"}
    answer = browser.post(page("marks"), cells).content.decode()
    assert "больше максимума 40,5" in answer and 'value="41"' in answer
    assert not AttestationScore.objects.exists()
    browser.post(page("marks"), cells | {f"points_{first.pk}_{item.pk}": "40,5"})
    assert "40,5" in browser.get(page("marks_of", first.pk)).content.decode()
    assert "Список составлен" in browser.post(page("list"), follow=True).content.decode()
    row.refresh_from_db()
    assert row.state == AttestationState.LISTED and len(people) == 2
    assert browser.post(page("sheet")).status_code == 302
    assert "Список для решения" in browser.get(page("change")).content.decode()


def test_table_of_points_costs_the_same_for_one_and_three(orenburg, operator, client_of):
    """quality.md: the number of queries does not depend on the rows."""
    browser = client_of(operator)
    row = Attestation.objects.create(
        edition=orenburg,
        year=2026,
        opens_on=clock.today(),
        closes_on=clock.today(),
        threshold_percent=70,
        state=AttestationState.OPEN,
    )
    item = row.instruments.create(name="Тест", kind="test", maximum=10)
    address = reverse("admin:reservists_attestation_marks", args=[row.pk])
    browser.get(address)
    counts = []
    for _ in range(2):
        while row.entries.count() < (3 if counts else 1):
            entry = row.entries.create(reservist=ReservistFactory(edition=orenburg))
            entry.scores.create(instrument=item, points=5)
        with CaptureQueriesContext(connection) as caught:
            assert browser.get(address).status_code == 200
        counts.append(len(caught))
    assert counts[0] == counts[1]


def test_operator_proposes_another_group_and_confirms_the_registry(orenburg, operator, client_of):
    """O4.16, O3.24."""
    browser = client_of(operator)
    reservist = ReservistFactory(edition=orenburg)
    group = orenburg.target_groups.last()
    address = reverse("admin:reservists_reservist_regroup", args=[reservist.pk])
    assert "управленческий запас" in browser.get(address).content.decode()
    data = {"target_group": group.pk, "zone": "", "ground": "Новая работа"}
    assert "Список составлен" in browser.post(address, data, follow=True).content.decode()
    page = browser.get(address).content.decode()  # a second list could only be refused
    assert "уже составлен" in page and "Вернуться" in page and "Составить список" not in page
    confirm = reverse("admin:reservists_registryedition_confirm")
    assert "Отмечено" in browser.post(confirm, follow=True).content.decode()


def test_history_of_changes_is_shown_to_the_person_and_to_overseers(orenburg, operator, client_of):
    """O4.16: before and after, with the ground; a municipality does not see points (O8.3)."""
    from .factories import decide
    from .test_changes import propose

    reservist = ReservistFactory(edition=orenburg, included_on=date(2026, 2, 1))
    decide(propose(reservist, operator, zone="yellow", ground="Мало опыта"), actor=operator)
    page = reverse("reservists:person", args=[reservist.pk])
    for user, address in ((reservist.user, reverse("reservists:mine")), (operator, page)):
        text = client_of(user).get(address).content.decode()
        assert "было зелёная, стало жёлтая" in text and "Мало опыта" in text
    official = UserFactory(roles=["municipal"], municipality=reservist.municipality)
    assert "Мало опыта" not in client_of(official).get(page).content.decode()


@pytest.mark.parametrize("name", ["ministry", "changelist"])
def test_list_for_the_ministry_is_the_operators(orenburg, client_of, name):
    """process.md 12: an auditor reads, an authority does not work here."""
    address = reverse(f"admin:reservists_exclusionsignal_{name}")
    expected = {"operator": 200, "auditor": 403 if name == "ministry" else 200, "authority": 302}
    for role, code in expected.items():
        assert client_of(person_with(role)).get(address).status_code == code
