"""The officials of the municipalities: one for each town that has something to do."""

from typing import Any

from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.services import create_person

from ...cast import DOMAIN
from ..year import Year


def official_of(year: Year, town: Any) -> Any:
    """The town's official of the year; comes into being when first asked for."""
    name = f"town{town.oktmo}"
    if name not in year.cast.people:
        year.cast.people[name] = create_person(
            f"{name}@{DOMAIN}",
            roles=[Role.MUNICIPAL],
            actor=None,
            last_name="Городской",
            first_name="Пётр",
            patronymic=f"{town.oktmo[-2:]}-й",
            municipality=town,
            post="начальник управления образования",
        )
    return year.cast.people[name]
