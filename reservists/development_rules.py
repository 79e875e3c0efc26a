"""Pure decisions about mentors, plans and reports, on values alone."""

from collections.abc import Iterable, Mapping, Sequence
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


def share_out(reservists: Iterable[tuple[int, int]], loads: Mapping[int, int]) -> dict[int, int]:
    """Propose a mentor for each reservist: whoever guides the fewest comes first, nobody guides himself (O4.7).

    `reservists` are pairs (key, person) in the order of the list; `loads` maps a mentor's person to how many
    reservists he or she guides, equal ones in the given order. Returns {key: mentor's person}; who has nobody to
    guide him or her is left out.
    """
    present = dict(loads)
    shares: dict[int, int] = {}
    for key, person in reservists:
        free = [mentor for mentor in present if mentor != person]
        if free:
            chosen = min(free, key=present.__getitem__)
            present[chosen] += 1
            shares[key] = chosen
    return shares


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
