"""Pure decisions about mentors, plans and reports, on values alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

CONTENT = {
    "area": "область",
    "form": "форма",
    "competence": "компетенция",
    "event": "мероприятие",
    "organiser": "организатор",
    "starts_on": "начало",
    "ends_on": "окончание",
    "result": "результат",
    "evidence": "подтверждение",
}
ADDED, REMOVED, CHANGED = "добавлено", "исключено", "изменено"


SLACK = 2  # so many more than the least loaded one a nearer mentor may guide


@dataclass
class Guide:
    """A mentor as the proposal sees one: person, load, limit, and where and whom he or she knows."""

    person: int
    load: int
    capacity: int | None = None
    municipality: int | None = None
    group: str = ""


@dataclass(frozen=True)
class Guided:
    """A reservist as the proposal sees one."""

    key: int
    person: int
    municipality: int | None = None
    group: str = ""


def share_out(reservists: Iterable[Guided], guides: Sequence[Guide]) -> dict[int, tuple[Guide, list[str]]]:
    """Propose a mentor for each reservist, in the order of the list, with the grounds in words (O4.7).

    Nobody guides himself or above the own limit. Of those whose load is at most SLACK above the least one, the same
    area comes first, then the same municipality, then the smaller load, then the given order: loads never drift
    apart. Who has nobody to guide him or her is left out. Counts up the loads of `guides`.
    """
    shares: dict[int, tuple[Guide, list[str]]] = {}
    for row in reservists:
        free = [
            guide
            for guide in guides
            if guide.person != row.person and (guide.capacity is None or guide.load < guide.capacity)
        ]
        if not free:
            continue
        least = min(guide.load for guide in free)
        near = [guide for guide in free if guide.load <= least + SLACK]
        chosen = min(near, key=lambda guide: (*(not fits for fits in _fits(row, guide)), guide.load))
        same_area, same_town = _fits(row, chosen)
        grounds = [
            words
            for words, holds in (("то же направление", same_area), ("тот же муниципалитет", same_town))
            if holds
        ]
        shares[row.key] = (chosen, [*grounds, f"сейчас резервистов: {chosen.load}"])
        chosen.load += 1
    return shares


def _fits(row: Guided, guide: Guide) -> tuple[bool, bool]:
    """Whether area and municipality are the same; what is not known is not the same."""
    return (
        bool(row.group and row.group == guide.group),
        row.municipality is not None and row.municipality == guide.municipality,
    )


def percent_done(progress: Sequence[int]) -> Decimal:
    """The mean of the rows' percent, cut to a tenth: nothing unfinished ever shows as 100 (O4.13)."""
    return Decimal(sum(progress) * 10 // len(progress)) / 10 if progress else Decimal(0)


def change_sheet(before: Iterable[Any], after: Iterable[Any]) -> list[dict[str, str]]:
    """What a new version changes: rows {what, item, words}; an item knows the one it comes from by `previous_id`."""
    left = {item.pk: item for item in before}
    rows = []
    for item in after:
        old = left.pop(item.previous_id, None) if item.previous_id else None
        if old is None:
            rows.append({"what": ADDED, "item": item.event, "words": f"до {item.ends_on:%d.%m.%Y}"})
            continue
        fields = [
            f"{words}: было «{_shown(old, name)}», стало «{_shown(item, name)}»"
            for name, words in CONTENT.items()
            if getattr(old, name) != getattr(item, name)
        ]
        if fields:
            rows.append({"what": CHANGED, "item": item.event, "words": "; ".join(fields)})
    rows += [{"what": REMOVED, "item": item.event, "words": ""} for item in left.values()]
    return rows


def text_changes(before: Any, after: Any) -> list[dict[str, str]]:
    """The same of the deficits and goals of two versions."""
    return [
        {
            "what": CHANGED,
            "item": heading,
            "words": f"было «{getattr(before, name) or '—'}», стало «{getattr(after, name) or '—'}»",
        }
        for name, heading in (("deficits", "Дефициты"), ("goals", "Цели"))
        if getattr(before, name) != getattr(after, name)
    ]


def _shown(item: Any, name: str) -> str:
    """A field in words: a date, the label of a choice."""
    value = getattr(item, name)
    if hasattr(value, "strftime"):
        return f"{value:%d.%m.%Y}"
    label = getattr(item, f"get_{name}_display", None)
    return str(label() if label else value) or "—"
