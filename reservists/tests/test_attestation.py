"""The yearly attestation from its plan to the registry (O4.10, O4.17-4.21)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.notifications.models import Letter
from reservists.enums import AttestationState, ReservistState, SignalState
from reservists.leaving_papers import issue_attestation_sheet
from reservists.models import ExclusionSignal, RegistryEdition, ReservistChange
from reservists.services import attestation as services
from reservists.services.attestation_marks import Marks, record_marks
from reservists.services.attestation_results import listing_blockers, make_attestation_list

from .factories import ReservistFactory, decide

BASIS = "протокол совета № 4 от 01.03.2026"


@pytest.fixture
def planned(orenburg, operator):
    """A test of 40 points and a defence of 30 with double weight: 100 in all; green from 85, minimum 70."""
    row = services.create_attestation(
        orenburg, year=2026, opens_on=clock.today(), closes_on=clock.today(), actor=operator
    )
    for name, kind, maximum, weight in (("Тест", "test", 40, 1), ("Защита проекта", "defence", 30, 2)):
        services.add_instrument(
            row, name=name, kind=kind, maximum=Decimal(maximum), weight=weight, actor=operator
        )
    services.set_borders(
        row,
        threshold_percent=Decimal(70),
        green_percent=Decimal(85),
        borders_basis=BASIS,
        actor=operator,
    )
    row.refresh_from_db()
    return row


def attest(attestation, operator, **points):
    """Give people (by last name) their points as «test defence», or an absence as a text without digits."""
    test, defence = attestation.instruments.all()
    marks = {}
    for entry in attestation.entries.select_related("reservist__user"):
        text = points[entry.reservist.user.last_name]
        if text[0].isdigit():
            first, second = map(Decimal, text.split())
            marks[entry.pk] = Marks({test.pk: first, defence.pk: second})
        else:
            marks[entry.pk] = Marks({}, text)
    return record_marks(attestation, marks, actor=operator)


def people(edition, *names, **fields):
    return [ReservistFactory(edition=edition, user__last_name=name, **fields) for name in names]


def test_result_becomes_the_new_rating_with_history_letter_and_registry(planned, operator, orenburg):
    """O4.18-4.20: points, zone and place are new after the ministry's order; what stood before is kept."""
    rows = people(orenburg, "Первый", "Второй", "Третий", "Больной", points=Decimal("75"), zone="yellow")
    services.open_attestation(planned, actor=operator)
    attest(planned, operator, Первый="40 25", Второй="30 30", Третий="29.98 20", Больной="был в отпуске")
    decision_list = make_attestation_list(planned, actor=operator)
    assert [line.label for line in decision_list.lines.all()] == [
        row.user.full_name for row in (rows[1], rows[0], rows[2])
    ]
    links = [(link.body, link.form) for link in orenburg.chain_links.filter(decision="attestation")]
    assert links == [
        ("expert_commission", "meeting"),
        ("authorised_body", "meeting"),
        ("ministry", "order"),
    ]
    decide(decision_list, actor=operator)
    planned.refresh_from_db()
    assert planned.state == AttestationState.DECIDED
    found = []
    for row in rows:
        row.refresh_from_db()
        found.append((row.points, row.maximum, row.zone, row.rank))
    # 69.98 of 100 does not reach 70 %.
    assert found == [
        (Decimal(90), 100, "green", 1),
        (Decimal(90), 100, "green", 1),
        (Decimal("69.98"), 100, "red", 3),
        (Decimal(75), 100, "yellow", 1),
    ]
    change = rows[0].changes.get()
    assert change.before["zone"] == "жёлтая" and change.after["points"] == "90 из 100"
    assert ("Зона", "жёлтая", "зелёная") in change.rows and "приказ № 12" in change.basis
    letter = Letter.objects.get(kind="reserve.attested", to=rows[0].user)
    assert "Прежняя зона: жёлтая. Новая зона: зелёная" in letter.body
    assert Letter.objects.filter(kind="reserve.attested").count() == 3
    registry = RegistryEdition.objects.get(decision_list=decision_list)
    assert registry.lines.get(reservist=rows[0].pk).cells["zone"] == "Зелёная"


def test_red_raises_a_signal_and_excludes_nobody(planned, operator, orenburg):
    """O4.21, O6.1-6.2: the body decides about the exclusion; the signal quotes the result."""
    red = people(orenburg, "Красный")[0]
    services.open_attestation(planned, actor=operator)
    attest(planned, operator, Красный="10 10")
    decide(make_attestation_list(planned, actor=operator), actor=operator)
    red.refresh_from_db()
    signal = ExclusionSignal.objects.get()
    assert red.state == ReservistState.ACTIVE and red.zone == "red"
    assert signal.state == SignalState.OPEN and signal.ground.code == "attestation"
    assert "30 из 100 — порог 70 % не пройден" in signal.facts


def test_result_the_body_does_not_approve_changes_nothing(planned, operator, orenburg):
    """O4.19: a body that departs from the result keeps the old rating."""
    orenburg.chain_links.filter(decision="attestation", order__gt=1).delete()
    row = people(orenburg, "Спорный", points=Decimal("75"))[0]
    services.open_attestation(planned, actor=operator)
    attest(planned, operator, Спорный="10 10")
    decision_list = make_attestation_list(planned, actor=operator)
    decide(
        decision_list, actor=operator, against={decision_list.lines.get().pk: "Нарушен порядок проведения"}
    )
    row.refresh_from_db()
    assert row.points == 75 and not ReservistChange.objects.exists()
    assert not ExclusionSignal.objects.exists()


def test_places_are_counted_within_the_target_group(planned, operator, orenburg):
    """O4.19: who leads the one group does not push the other down; equal points share a place."""
    first, second = orenburg.target_groups.all()
    people(orenburg, "А", "Б", target_group=first)
    people(orenburg, "В", "Г", "Д", target_group=second)
    services.open_attestation(planned, actor=operator)
    attest(planned, operator, А="40 30", Б="39 30", В="30 25", Г="30 25", Д="20 25")
    make_attestation_list(planned, actor=operator)
    ranks = {entry.reservist.user.last_name: entry.rank for entry in planned.entries.in_order()}
    assert ranks == {"А": 1, "Б": 2, "В": 1, "Г": 1, "Д": 3}


def test_wrong_cells_are_named_and_nothing_is_stored(planned, operator, orenburg):
    """All or nothing: each wrong cell has its sentence."""
    people(orenburg, "Верный", "Лишний", "Минус", "Оба", "Дробный")
    services.open_attestation(planned, actor=operator)
    test, defence = planned.instruments.all()
    entries = {entry.reservist.user.last_name: entry.pk for entry in planned.entries.in_order()}
    marks = {
        entries["Верный"]: Marks({test.pk: Decimal(40), defence.pk: None}),
        entries["Лишний"]: Marks({test.pk: Decimal("40.01")}),
        entries["Минус"]: Marks({defence.pk: Decimal("-1")}),
        entries["Оба"]: Marks({test.pk: Decimal(1)}, "болен"),
        entries["Дробный"]: Marks({test.pk: Decimal("1.005")}),
    }
    with pytest.raises(GateShut) as shut:
        record_marks(planned, marks, actor=operator)
    words = str(shut.value)
    for part in ("40,01 больше максимума 40", "не бывают отрицательными", "Оставьте одно", "двух знаков"):
        assert part in words
    assert not any(entry.scores.exists() for entry in planned.entries.all())
    with pytest.raises(GateShut, match="нет такой строки"):
        record_marks(planned, {0: Marks()}, actor=operator)


def test_points_may_be_entered_in_parts_and_changed_until_the_list_is_sent(planned, operator, orenburg):
    """The draft list follows the points; once the body has it, they stand still."""
    people(orenburg, "Один")
    services.open_attestation(planned, actor=operator)
    test, defence = planned.instruments.all()
    entry = planned.entries.get()
    assert record_marks(planned, {entry.pk: Marks({test.pk: Decimal(40)})}, actor=operator) == 1
    planned.refresh_from_db()
    assert "внесены не все баллы" in listing_blockers(planned)[0].text
    whole = Marks({test.pk: Decimal(40), defence.pk: Decimal(20)})
    assert record_marks(planned, {entry.pk: whole}, actor=operator) == 1
    assert record_marks(planned, {entry.pk: whole}, actor=operator) == 0
    decision_list = make_attestation_list(planned, actor=operator)
    assert decision_list.lines.get().details["points"] == "80"
    attest(planned, operator, Один="40 30")
    assert decision_list.lines.get().details["points"] == "100"
    decide(decision_list, actor=operator)
    with pytest.raises(GateShut, match="Баллы сейчас не вносят"):
        attest(planned, operator, Один="1 1")


def test_borders_and_instruments_are_frozen_by_the_beginning(planned, operator, orenburg):
    """O4.17: they are approved before and hold for everybody."""
    people(orenburg, "Один")
    services.open_attestation(planned, actor=operator)
    instrument = planned.instruments.first()
    for deed in (
        lambda: services.set_borders(
            planned,
            threshold_percent=Decimal(60),
            green_percent=Decimal(80),
            borders_basis="нет",
            actor=operator,
        ),
        lambda: services.add_instrument(
            planned, name="Ещё", kind="case", maximum=Decimal(5), weight=1, actor=operator
        ),
        lambda: services.remove_instrument(instrument, actor=operator),
    ):
        with pytest.raises(GateShut, match="закреплены"):
            deed()
    with pytest.raises(GateShut, match="уже начата"):
        services.open_attestation(planned, actor=operator)


def test_attestation_begins_with_instruments_a_decision_and_people(orenburg, operator):
    """O4.17: the body approves instruments and borders; not before the first day."""
    row = services.create_attestation(
        orenburg,
        year=2026,
        opens_on=clock.today() + timedelta(days=1),
        closes_on=clock.today() + timedelta(days=9),
        actor=operator,
    )
    with pytest.raises(GateShut) as shut:
        services.open_attestation(row, actor=operator)
    assert len(shut.value.blockers) == 4
    with pytest.raises(GateShut, match="Укажите решение"):
        services.set_borders(
            row, threshold_percent=Decimal(70), green_percent=Decimal(60), borders_basis=" ", actor=operator
        )


@pytest.mark.parametrize(("offset", "shut"), [(-1, True), (0, False), (1, False)])
def test_results_are_put_together_from_the_last_day_on(planned, operator, orenburg, travel, offset, shut):
    """Not while somebody may still come."""
    people(orenburg, "Один")
    type(planned).objects.filter(pk=planned.pk).update(closes_on=date(2026, 3, 20))
    planned.refresh_from_db()
    services.open_attestation(planned, actor=operator)
    attest(planned, operator, Один="40 30")
    with travel(date(2026, 3, 20) + timedelta(days=offset)):
        assert bool(listing_blockers(planned)) is shut


def test_no_attestation_where_the_edition_has_none(tomsk, operator):
    """Tomsk knows events instead."""
    with pytest.raises(GateShut, match="не предусматривает"):
        services.create_attestation(
            tomsk, year=2026, opens_on=clock.today(), closes_on=clock.today(), actor=operator
        )


def test_one_attestation_a_year_and_one_list(planned, operator, orenburg):
    """O4.10: yearly."""
    with pytest.raises(GateShut, match="уже есть"):
        services.create_attestation(
            orenburg, year=2026, opens_on=clock.today(), closes_on=clock.today(), actor=operator
        )
    people(orenburg, "Один")
    services.open_attestation(planned, actor=operator)
    attest(planned, operator, Один="40 30")
    make_attestation_list(planned, actor=operator)
    with pytest.raises((GateShut, TransitionRefused)):
        make_attestation_list(planned, actor=operator)


def test_sheet_is_issued_with_everybody(planned, operator, orenburg):
    """O4.17-4.19: the sheet names points, zone, place, and who was absent."""
    people(orenburg, "Один", "Больной")
    services.open_attestation(planned, actor=operator)
    attest(planned, operator, Один="40 30", Больной="болезнь")
    make_attestation_list(planned, actor=operator)
    paper = issue_attestation_sheet(planned, actor=operator)
    assert paper.number == "1/2026" and paper.file.size > 5000
