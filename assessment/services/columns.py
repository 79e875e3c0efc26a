"""Which columns of an export make up which direction: remembered, by name, or by order and maxima."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from assessment.models import Section
from assessment.moodle import Export, GradeColumn, normal_heading
from reserve_portal.core.gates import Blocker
from reserve_portal.core.templatetags.portal import points as shown

TOTAL = "total"
TOTAL_TITLE = "Итог за весь файл"
_ACTIVITY = re.compile(r"(?:[\w ]+: ?)?(?P<name>.+?) ?\((?:значение|real)\)")


@dataclass(frozen=True)
class ColumnMap:
    """Keys of columns by section's pk; where it is not whole, `blockers` say what the operator must settle."""

    keys: dict[int, tuple[str, ...]]
    blockers: list[Blocker]
    titles: dict[str, str]

    @property
    def is_whole(self) -> bool:
        return not self.blockers


def choices_of(export: Export) -> list[tuple[str, str]]:
    """(key, title) of everything that may be chosen for a direction; titles carry the maximum where known."""
    return [*((column.key, column.title) for column in export.columns), (TOTAL, TOTAL_TITLE)]


def match_columns(sections: Sequence[Section], export: Export) -> ColumnMap:
    """Find the columns of each direction: those once told, else of the same name, else in order with equal maxima.

    Nothing is guessed: a direction that fits nothing is named in `blockers`, and so is a question of the test that
    belongs to no direction (T4 sums over all questions) or a maximum that differs.
    """
    titles = dict(choices_of(export))
    keys = _remembered(sections, titles) or _by_name(sections, export) or _by_order(sections, export)
    if not keys:
        words = "Столбцы файла не узнаны по названиям направлений: укажите, какие столбцы к ним относятся."
        return ColumnMap({}, [Blocker(words, field="columns")], titles)
    return ColumnMap(keys, _misfits(sections, export, keys), titles)


def _remembered(sections: Sequence[Section], titles: dict[str, str]) -> dict[int, tuple[str, ...]]:
    keys = {section.pk: tuple(section.column.splitlines()) for section in sections}
    whole = all(found and all(key in titles for key in found) for found in keys.values())
    return keys if whole else {}


def _by_name(sections: Sequence[Section], export: Export) -> dict[int, tuple[str, ...]]:
    named: dict[str, str] = {}
    for column in export.columns:
        match = _ACTIVITY.fullmatch(normal_heading(column.title))
        name = match["name"] if match else normal_heading(column.title).partition(" /")[0]
        named[name] = "" if name in named else column.key
    keys: dict[int, tuple[str, ...]] = {
        section.pk: (named.get(normal_heading(section.name), ""),) for section in sections
    }
    return keys if all(found != ("",) for found in keys.values()) else {}


def _by_order(sections: Sequence[Section], export: Export) -> dict[int, tuple[str, ...]]:
    questions = _questions(export)
    if len(sections) == 1 and export.kind == "quiz" and export.total_maximum == sections[0].maximum:
        return {sections[0].pk: (TOTAL,)}
    if len(questions) != len(sections) or not questions:
        return {}
    fits = all(column.maximum == section.maximum for column, section in zip(questions, sections, strict=True))
    pairs = zip(sections, questions, strict=True)
    return {section.pk: (column.key,) for section, column in pairs} if fits else {}


def _questions(export: Export) -> list[GradeColumn]:
    return (
        [column for column in export.columns if re.fullmatch(r"q\d+", column.key)]
        if export.kind == "quiz"
        else []
    )


def _misfits(sections: Sequence[Section], export: Export, keys: dict[int, tuple[str, ...]]) -> list[Blocker]:
    maxima: dict[str, Decimal | None] = {column.key: column.maximum for column in export.columns}
    maxima[TOTAL] = export.total_maximum
    blockers = []
    for section in sections:
        known = [maxima.get(key) for key in keys[section.pk]]
        if None in known:
            continue
        total = sum((value for value in known if value is not None), Decimal(0))
        if total != section.maximum:
            words = f"максимум в файле {shown(total)}, а в процедуре {shown(section.maximum)}"
            blockers.append(Blocker(f"Направление «{section.name}»: {words}.", field="columns"))
    used = {key for found in keys.values() for key in found}
    spare = [column.title for column in _questions(export) if column.key not in used]
    if spare and TOTAL not in used:
        names = ", ".join(f"«{title}»" for title in spare[:5])
        blockers.append(Blocker(f"Вопросы не отнесены ни к одному направлению: {names}.", field="columns"))
    return blockers
