"""What a decision changes in the reserve: a level of readiness by absentee poll, the attestation, the year's report."""

from datetime import date
from decimal import Decimal

from assessment.enums import Zone
from commissions.enums import MeetingForm
from commissions.models import DecisionList
from commissions.services import send_list
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import User
from reserve_portal.core import calendar, clock
from reservists import leaving_papers
from reservists.models import Attestation, AttestationSheet, RegistryEdition, Reservist
from reservists.services import (
    attestation,
    attestation_marks,
    attestation_results,
    attestation_sheets,
    changes,
)
from reservists.services.attestation_marks import Marks
from reservists.services.indicators import issue_report

from ..year import Year
from . import bodies, reserve

CENT = Decimal("0.01")
SCORED_BY_EXPERTS = 25  # people
INSTRUMENTS = (("Тест", "test", Decimal(40), 1), ("Защита проекта", "defence", Decimal(20), 3))


def begin(year: Year) -> None:
    """Plan the change, the attestation in December, the report about effectiveness."""
    edition = year.edition
    if changes.may_be_changed(edition):
        year.plan(calendar.next_working_day(date(year.number, 10, 5)), 14, 0, change_level, year)
    if edition.value("attestation"):
        year.plan(calendar.next_working_day(date(year.number, 11, 25)), 10, 0, appoint, year)
    if edition.time_limits.filter(closes="effectiveness.reported").exists():
        year.plan(calendar.next_working_day(date(year.number, 12, 21)), 16, 0, _report, year)


def change_level(year: Year) -> None:
    """Another level of readiness for one person, decided without him or her (O4.16)."""
    members = list(Reservist.objects.active().exclude(zone=Zone.RED).select_related("user").order_by("pk"))
    if not members:
        return
    operator = year.cast["operator"]
    member = year.dice("changes level").choice(members)
    zone = Zone.GREEN if member.zone == Zone.YELLOW else Zone.YELLOW
    year.refused(
        "изменение без обоснования",
        changes.make_change_list,
        member,
        target_group=None,
        zone=zone,
        ground="",
        actor=operator,
    )
    change = changes.make_change_list(
        member, target_group=None, zone=zone, ground="По итогам стажировки.", actor=operator
    )
    send_list(change, actor=operator)
    bodies.carry(year, change, then=lambda: None, form=MeetingForm.ABSENTEE)


def appoint(year: Year) -> None:
    """The attestation of all active members (O4.10, O4.17)."""
    if not Reservist.objects.active().exists():
        return
    operator, today = year.cast["operator"], clock.today()
    row = attestation.create_attestation(
        year.edition,
        year=year.number,
        opens_on=calendar.add_working_days(today, 4),
        closes_on=calendar.add_working_days(today, 6),
        actor=operator,
    )
    for name, kind, maximum, weight in INSTRUMENTS:
        attestation.add_instrument(row, name=name, kind=kind, maximum=maximum, weight=weight, actor=operator)
    attestation.set_borders(
        row,
        threshold_percent=row.threshold_percent,
        green_percent=row.green_percent,
        borders_basis=f"Протокол № 9 от {today:%d.%m.%Y}",
        actor=operator,
    )
    year.refused("аттестация раньше срока", attestation.open_attestation, row, actor=operator)
    year.plan(row.opens_on, 9, 0, _open, year, row)


def _open(year: Year, row: Attestation) -> None:
    row.refresh_from_db()
    if attestation.opening_blockers(row):
        return
    attestation.open_attestation(row, actor=year.cast["operator"])
    if row.entries.count() <= SCORED_BY_EXPERTS:
        _give_sheets(year, row)
    year.plan(row.closes_on, 16, 0, _mark, year, row)


def _give_sheets(year: Year, row: Attestation) -> None:
    """Two experts score the defence of a small reserve; for a large one points by hand are cheaper (O4.17)."""
    experts = list(User.objects.with_role(Role.EXPERT).order_by("pk")[:2])
    defence = row.instruments.exclude(kind="test")[0]
    if experts:
        attestation_sheets.give_sheets(row, instrument=defence, experts=experts, actor=year.cast["operator"])
        year.plan(row.closes_on, 12, 0, _score, year, row)


def _score(year: Year, row: Attestation) -> None:
    """Each expert hands in what lies with him or her; the exact mean counts."""
    sheets = AttestationSheet.objects.filter(entry__attestation=row, state="given")
    for sheet in sheets.select_related("expert", "instrument", "entry__attestation").order_by("pk"):
        dice = year.dice("scored", sheet.entry_id, sheet.expert.email)
        points = sheet.instrument.maximum * dice.randint(60, 100) / 100
        attestation_sheets.save_attestation_sheet(
            sheet, points=points, comment="Проект защищён.", actor=sheet.expert, hand_in=True
        )


def _mark(year: Year, row: Attestation) -> None:
    """Points of everybody; some stay away, some stand on the border or just below it."""
    operator = year.cast["operator"]
    by_sheets = attestation_sheets.scored_by_experts(row)
    tools = [tool for tool in row.instruments.all() if tool.pk not in by_sheets]
    marks = {}
    for entry in row.entries.in_order():
        dice = year.dice("attested", entry.reservist.user.email, entry.reservist.target_group.code)
        border = row.threshold_percent / 100
        kind = dice.choices(("absent", "on", "below", "any"), (6, 8, 6, 80))[0]
        share = border if kind != "any" else Decimal(dice.randint(55, 100)) / 100
        points = {tool.pk: tool.maximum * share for tool in tools}
        if kind == "below":
            points[tools[0].pk] -= CENT
        marks[entry.pk] = Marks(absence_reason="Отпуск.") if kind == "absent" else Marks(points=points)
    attestation_marks.record_marks(row, marks, actor=operator)
    leaving_papers.issue_attestation_sheet(row, actor=operator)
    if attestation_results.listing_blockers(row):
        return
    decision_list = attestation_results.make_attestation_list(row, actor=operator)
    send_list(decision_list, actor=operator)
    bodies.carry(year, decision_list, then=lambda: _attested(year, decision_list))


def _attested(year: Year, decision_list: DecisionList) -> None:
    if RegistryEdition.objects.filter(decision_list=decision_list).exists():
        reserve.issue_registry_later(year, decision_list)


def _report(year: Year) -> None:
    issue_report(year.edition, year=year.number, actor=year.cast["operator"])
