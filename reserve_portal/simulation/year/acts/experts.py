"""Experts: the borders decided, sheets given, declined and handed in, conclusions signed (O1.10, O3.15-3.18)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from assessment.models import ExpertSheet, Procedure, Section
from assessment.services import borders, conclusions, experts, procedures
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.services import create_person
from reserve_portal.core import calendar, clock
from reservists.services import membership

from ...cast import DOMAIN
from ...story import call_experts, conclude, decide_borders
from ..year import Year

Points = Mapping[int, Decimal]  # of one person, by the direction's id
WORDS = "Опыт управления подтверждён документами."


def decide(year: Year, procedure: Procedure) -> None:
    """Where the edition wants the borders decided, no date is set before (O3.15)."""
    if year.edition.value(borders.PARAMETER):
        year.refused(
            "процедура без решения о границах",
            procedures.schedule_procedure,
            procedure,
            actor=year.cast["operator"],
        )
    decide_borders(procedure, year.cast, clock.today())


def call(year: Year, procedure: Procedure) -> None:
    """Two experts get everybody's sheets; they hand them in on the days of the procedure."""
    if not procedure.sheet_sections or not experts.people_for_sheets(procedure).exists():
        return
    call_experts(procedure, year.cast)
    year.soon(1, _decline_some, year, procedure, hour=16)
    starts = clock.local(procedure.starts_at).date()
    for number, name in enumerate(("expert1", "expert2", "expert3")):
        year.plan(calendar.add_working_days(starts, number % 2), 15, number, _hand_in, year, procedure, name)


def _decline_some(year: Year, procedure: Procedure) -> None:
    """Now and then an expert gives a sheet back, and another one gets it."""
    sheets = ExpertSheet.objects.filter(
        section__procedure=procedure, state="given", expert=year.cast["expert2"]
    )
    for sheet in sheets.select_related("section", "invitation__track__application__user").order_by("pk"):
        if year.dice("declines a sheet", sheet.person.email, procedure.name).random() < 0.08:
            experts.decline_sheet(sheet, actor=sheet.expert, reason="Учились вместе.")
            experts.give_sheets(
                procedure,
                section=sheet.section,
                experts=[_third(year)],
                invitations=[sheet.invitation],
                actor=year.cast["operator"],
            )


def _third(year: Year) -> Any:
    if "expert3" not in year.cast.people:
        year.cast.people["expert3"] = create_person(
            f"expert3@{DOMAIN}",
            roles=[Role.EXPERT],
            actor=None,
            last_name="Запасной",
            first_name="Юрий",
            patronymic="Львович",
            post="доцент",
        )
    return year.cast["expert3"]


def _hand_in(year: Year, procedure: Procedure, name: str) -> None:
    """Everything the expert still sees: the first is stricter than the others by as much as these are milder."""
    if name not in year.cast.people:
        return
    sheets = ExpertSheet.objects.visible_to(year.cast[name]).filter(section__procedure=procedure)
    for sheet in sheets.select_related(
        "section__procedure", "expert", "invitation__track__application__user"
    ).order_by("pk"):
        points = points_of(year, sheet.person, procedure)[sheet.section_id]
        dice = year.dice("sheet", sheet.person.email)
        room = min(points, sheet.section.maximum - points, Decimal(dice.randint(0, 2)))
        points += -room if name == "expert1" else room
        experts.save_sheet(sheet, actor=sheet.expert, points=points, comment=WORDS, hand_in=True)


def points_of(year: Year, user: Any, procedure: Procedure) -> Points:
    """Points by direction: one in ten people stands exactly on the border, one in twenty a hundredth below it."""
    dice = year.dice("points", user.email)
    border = procedure.threshold_percent / 100
    kind = dice.choices(("on", "below", "any"), (10, 5, 85))[0]
    share = border if kind != "any" else Decimal(dice.triangular(0.4, 1.0, 0.82)).quantize(Decimal("0.0001"))
    sections: list[Section] = list(procedure.sections.all())
    maximum = sum((section.maximum * section.weight for section in sections), Decimal(0))
    wanted = (maximum * share).quantize(CENT) - (CENT if kind == "below" else 0)
    points = {section.pk: (section.maximum * share).quantize(CENT) for section in sections}
    got = sum((points[section.pk] * section.weight for section in sections), Decimal(0))
    last = [section for section in sections if section.weight == 1][-1]
    points[last.pk] += wanted - got
    return points


CENT = Decimal("0.01")


def conclude_all(year: Year, procedure: Procedure) -> None:
    """Conclusions are signed before the list is made; without them the portal makes none (O3.17)."""
    if conclusions.conclusions_needed(procedure):
        year.refused(
            "список для включения без заключений",
            membership.make_inclusion_list,
            procedure,
            actor=year.cast["operator"],
        )
        conclude(procedure, year.cast)
