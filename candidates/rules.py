"""Does a person meet a requirement of the edition? Pure: a tree of conditions and plain values in, a judgement out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from reserve_portal.core.calendar import plus_months, years_between
from reserve_portal.regulations.requirements import teach_words

from .enums import EducationField, EducationLevel, EmploymentKind

RETRAINING_HOURS = 250
COUNTRIES = {"RU": "Российская Федерация"}
DECLARATIONS = {
    "no_criminal_record": "нет судимости и ограничений на работу с детьми",
    "state_language": "владение русским языком",
}


@dataclass(frozen=True)
class Diploma:
    level: str
    field: str
    speciality: str = ""
    year: int = 0
    hours: int | None = None  # of a retraining; None: not told


@dataclass(frozen=True)
class Period:
    """A period of work, both days included; `until` is None for the present place."""

    kind: str
    since: date
    until: date | None = None


@dataclass(frozen=True)
class Facts:
    """What is known of a person on the day `on` (the window's last day).

    `declared` maps a declaration to yes, no or None (not answered); `documents` maps a document type's code to True
    (accepted), None (there, not looked at yet) or False (not there or not accepted).
    """

    on: date
    birth_date: date | None = None
    citizenship: str = ""
    diplomas: tuple[Diploma, ...] = ()
    periods: tuple[Period, ...] = ()
    declared: Mapping[str, bool | None] = field(default_factory=dict)
    documents: Mapping[str, bool | None] = field(default_factory=dict)
    document_names: Mapping[str, str] = field(default_factory=dict)
    before_applying: bool = False  # nobody has seen a document yet


@dataclass(frozen=True)
class Judgement:
    """One condition: met (None: cannot be said yet), what was found, what would satisfy it.

    A condition made of others has them as `parts`, of which `way` ("all", "any") demands each or one.
    """

    title: str
    met: bool | None
    found: str
    needed: str = ""
    parts: tuple["Judgement", ...] = ()
    way: str = ""


def judge(rule: Mapping[str, Any], facts: Facts, title: str = "") -> Judgement:
    """Evaluate one requirement tree (docs/regulations.md; T2, O1.6); raises LookupError for an unknown condition."""
    title = title or str(rule.get("title", ""))
    if "all" in rule:
        return _all_of([judge(part, facts) for part in rule["all"]], title)
    if "any" in rule:
        return _any_of([judge(part, facts) for part in rule["any"]], title)
    for name, leaf in LEAVES.items():
        if name in rule:
            found = leaf(rule[name], facts)
            return Judgement(title or found.title, found.met, found.found, found.needed)
    raise LookupError(f"Неизвестное условие требования: {', '.join(map(str, rule))}")


def leaves_of(rule: Mapping[str, Any], name: str) -> list[Any]:
    """All values of the leaf `name` in a tree: which declarations or documents a requirement asks for."""
    parts = [*rule.get("all", []), *rule.get("any", [])]
    own = [rule[name]] if name in rule else []
    return own + [value for part in parts for value in leaves_of(part, name)]


def days_worked(periods: tuple[Period, ...], kinds: tuple[str, ...], on: date) -> int:
    """Days of work of these kinds up to and including `on`; a day that two periods share counts once."""
    spans = sorted(
        (period.since.toordinal(), min(period.until or on, on).toordinal())
        for period in periods
        if period.kind in kinds and period.since <= on
    )
    total, counted_to = 0, 0
    for first, last in spans:
        total += max(0, last - max(first - 1, counted_to))
        counted_to = max(counted_to, last)
    return total


def _experience(rule: Mapping[str, Any], facts: Facts) -> Judgement:
    """Service is laid end to end before the last day: so many days back is «since when» the person has worked."""
    kinds, years = tuple(rule["kinds"]), int(rule["years"])
    names = " или ".join(EmploymentKind(kind).label for kind in kinds)
    title = f"Стаж ({names}) не менее {_count(years, 'года', 'лет', 'лет')}"
    if not facts.periods:
        return Judgement(title, None, "Периоды работы не указаны.", "Добавьте периоды работы.")
    after = facts.on.toordinal() + 1
    start = date.fromordinal(max(1, after - days_worked(facts.periods, kinds, facts.on)))
    latest_start = plus_months(date.fromordinal(after), -12 * years)
    found = f"Стаж на {facts.on:%d.%m.%Y}: {span_in_words(start, date.fromordinal(after))}."
    if start <= latest_start:
        return Judgement(title, True, found)
    return Judgement(title, False, found, f"Не хватает: {span_in_words(latest_start, start)}.")


def _age(rule: Mapping[str, Any], facts: Facts) -> Judgement:
    youngest, oldest = rule.get("from"), rule.get("to")
    bounds = " ".join(
        part for part in (f"от {youngest}" if youngest else "", f"до {oldest}" if oldest else "") if part
    )
    title = f"Возраст {bounds} лет"
    if facts.birth_date is None:
        return Judgement(title, None, "Дата рождения не указана.", "Укажите дату рождения.")
    age = years_between(facts.birth_date, facts.on)
    found = f"На {facts.on:%d.%m.%Y} — {_count(age, 'год', 'года', 'лет')}."
    met = (youngest is None or age >= youngest) and (oldest is None or age <= oldest)
    return Judgement(
        title, met, found, "" if met else f"Нужен возраст {bounds} лет включительно на этот день."
    )


def _citizenship(code: str, facts: Facts) -> Judgement:
    title = f"Гражданство: {COUNTRIES.get(code, code)}"
    if not facts.citizenship:
        return Judgement(title, None, "Гражданство не указано.", "Укажите гражданство.")
    if facts.citizenship == code:
        return Judgement(title, True, f"{COUNTRIES.get(code, code)}.")
    return Judgement(title, False, "Указано другое гражданство.", f"Нужно: {COUNTRIES.get(code, code)}.")


def _declared(name: str, facts: Facts) -> Judgement:
    words = DECLARATIONS.get(name, name)
    answer = facts.declared.get(name)
    title = f"Подтверждено: {words}"
    where = "" if facts.before_applying else " в анкете"
    if answer is None:
        return Judgement(title, None, f"Вопрос{where} без ответа.", f"Ответьте{where}: {words}.")
    if answer:
        return Judgement(title, True, f"Подтверждено{where}.")
    return Judgement(title, False, f"По ответу{where} это не так.", f"Нужно: {words}.")


def _document(code: str, facts: Facts) -> Judgement:
    name = facts.document_names.get(code, code)
    answer = facts.documents.get(code, False)
    title = f"Документ: {name}"
    if facts.before_applying:
        return Judgement(title, None, "Документ проверит оператор.", f"Понадобится: {name}.")
    if answer is None:
        return Judgement(title, None, "Файл приложен, его проверит оператор.")
    if answer:
        return Judgement(title, True, "Документ принят.")
    return Judgement(title, False, "Документа нет или он не принят.", f"Приложите: {name}.")


def _education(rule: Mapping[str, Any], facts: Facts) -> Judgement:
    levels, fields = tuple(rule["levels"]), tuple(rule["fields"])
    any_field = set(fields) >= set(EducationField.values)
    words = " или ".join(EducationLevel(level).label for level in levels)
    if not any_field:
        words += f" ({_fields(fields)})"
    return _find_diploma(words, levels, fields, facts)


def _retraining(rule: Mapping[str, Any], facts: Facts) -> Judgement:
    fields = tuple(rule["fields"])
    return _find_diploma(
        f"профессиональная переподготовка ({_fields(fields)})", (EducationLevel.RETRAINING,), fields, facts
    )


def short_retraining(item: Diploma) -> str:
    """A remark on a retraining of fewer hours than the law knows (Minobrnauki's order № 499); "" where all is well.

    No edition names a least number, so that it is no bar: the operator decides by the diploma.
    """
    if item.level != EducationLevel.RETRAINING or item.hours is None or item.hours >= RETRAINING_HOURS:
        return ""
    hours = _count(item.hours, "час", "часа", "часов")
    return (
        f"В программе {hours}, а меньше {RETRAINING_HOURS} часов — это повышение квалификации, а не переподготовка: "
        "проверьте диплом."
    )


def _find_diploma(words: str, levels: tuple[str, ...], fields: tuple[str, ...], facts: Facts) -> Judgement:
    title = words[0].upper() + words[1:]
    if not facts.diplomas:
        return Judgement(title, None, "Образование не указано.", "Добавьте сведения о дипломах.")
    # A diploma of the year of the window may still lie ahead; only the operator sees its day.
    fitting = [
        item
        for item in facts.diplomas
        if item.level in levels and item.field in fields and item.year <= facts.on.year
    ]
    if fitting:
        listed = "; ".join(_describe(item) for item in fitting)
        long_enough = any(not short_retraining(item) for item in fitting)
        remark = "" if long_enough else f" {short_retraining(fitting[0])}"
        return Judgement(title, True, f"{listed}.{remark}")
    return Judgement(title, False, "Подходящего диплома нет.", f"Нужно: {words}.")


def _all_of(parts: list[Judgement], title: str) -> Judgement:
    states = [part.met for part in parts]
    met = False if False in states else None if None in states else True
    found = " ".join(dict.fromkeys(part.found for part in parts))
    needed = " ".join(dict.fromkeys(part.needed for part in parts if part.met is not True and part.needed))
    return Judgement(title or "Все условия", met, found, needed, tuple(parts), "all")


def _any_of(parts: list[Judgement], title: str) -> Judgement:
    states = [part.met for part in parts]
    met = True if True in states else None if None in states else False
    if met:
        way = parts[states.index(True)]
        return Judgement(
            title or "Одно из условий", True, f"{way.title}: {way.found}", "", tuple(parts), "any"
        )
    nearest = max(parts, key=lambda part: sum(leaf.met is True for leaf in part.parts))
    found = nearest.found
    needed = f"Ближайший путь — «{nearest.title}». {nearest.needed}" if nearest.needed else ""
    if met is None:
        needed = nearest.needed
    return Judgement(title or "Одно из условий", met, found, needed, tuple(parts), "any")


def span_in_words(start: date, end: date) -> str:
    """«3 года 2 месяца 5 дней» from `start` up to but not including `end`; «нет» for nothing."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if plus_months(start, months) > end:
        months -= 1
    days = end.toordinal() - plus_months(start, months).toordinal()
    parts = [
        _count(months // 12, "год", "года", "лет"),
        _count(months % 12, "месяц", "месяца", "месяцев"),
        _count(days, "день", "дня", "дней"),
    ]
    return " ".join(part for part in parts if not part.startswith("0 ")) or "нет"


def _count(number: int, one: str, few: str, many: str) -> str:
    if number % 10 == 1 and number % 100 != 11:
        return f"{number} {one}"
    return f"{number} {few if 2 <= number % 10 <= 4 and not 12 <= number % 100 <= 14 else many}"


def _fields(fields: tuple[str, ...]) -> str:
    return " или ".join(EducationField(item).label for item in fields)


def _describe(item: Diploma) -> str:
    level = str(EducationLevel(item.level).label).capitalize()
    year = f", {item.year}" if item.year else ""
    return f"{level}: {item.speciality or EducationField(item.field).label}{year}"


LEAVES: dict[str, Callable[[Any, Facts], Judgement]] = {
    "education": _education,
    "retraining": _retraining,
    "experience": _experience,
    "age": _age,
    "citizenship": _citizenship,
    "declared": _declared,
    "document": _document,
}

for _enum in (EducationLevel, EducationField, EmploymentKind):
    teach_words({str(item.value): str(item.label) for item in _enum})
teach_words(DECLARATIONS)
