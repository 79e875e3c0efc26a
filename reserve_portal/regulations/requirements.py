"""The grammar of a requirement's tree of conditions (docs/regulations.md): `any`, `all` and leaves."""

from collections.abc import Callable, Mapping
from typing import Any


def _words(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)


def _word(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _fields(**kinds: Callable[[Any], bool]) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        if not isinstance(value, dict) or set(value) != set(kinds):
            return False
        return all(fit(value[key]) for key, fit in kinds.items())

    return fits


def _age(value: Any) -> bool:
    if not isinstance(value, dict) or not value or set(value) - {"from", "to"}:
        return False
    return all(map(_number, value.values()))


# condition → what its value must look like, and an example for whoever wrote another one
LEAVES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "education": (_fields(levels=_words, fields=_words), '{"levels": ["master"], "fields": ["pedagogy"]}'),
    "retraining": (_fields(fields=_words), '{"fields": ["management"]}'),
    "experience": (_fields(kinds=_words, years=_number), '{"kinds": ["teaching"], "years": 5}'),
    "age": (_age, '{"from": 25, "to": 62}'),
    "citizenship": (_word, '"RU"'),
    "declared": (_word, '"no_criminal_record"'),
    "document": (_word, '"medical"'),
}


def rule_problem(rule: Any) -> str:
    """Return what is wrong with a tree of conditions, as a Russian sentence; an empty string when nothing is."""
    if not isinstance(rule, dict):
        return 'Условие — объект, например {"document": "medical"}.'
    names = [name for name in rule if name != "title"]
    if len(names) != 1:
        here = ", ".join(map(str, names)) or "ничего"
        return f"В каждом условии — ровно одно из: all, any, {', '.join(LEAVES)}; здесь: {here}."
    name = names[0]
    value = rule[name]
    if name in ("all", "any"):
        if not isinstance(value, list) or not value:
            return f"«{name}» — непустой список условий."
        return next(filter(None, map(rule_problem, value)), "")
    if name not in LEAVES:
        return f"Неизвестное условие «{name}». Есть: all, any, {', '.join(LEAVES)}."
    fits, example = LEAVES[name]
    return "" if fits(value) else f"Условие «{name}» записано неверно. Пример: {example}."


WORDS: dict[str, str] = {"RU": "Россия"}
SENTENCES: dict[str, Callable[[Any], str]] = {
    "education": lambda value: f"образование: {_say(value['levels'])} ({_say(value['fields'])})",
    "retraining": lambda value: f"переподготовка: {_say(value['fields'])}",
    "experience": lambda value: f"стаж не менее {value['years']} лет: {_say(value['kinds'])}",
    "age": lambda value: " ".join(
        ["возраст", *(f"{word} {value[key]}" for key, word in (("from", "от"), ("to", "до")) if key in value)]
    ),
    "citizenship": lambda value: f"гражданство: {_say([value])}",
    "declared": lambda value: f"в анкете подтверждено: {_say([value])}",
    "document": lambda value: f"принят документ «{value}»",
}


def teach_words(words: Mapping[str, str]) -> None:
    """Make known what the codes of conditions mean in Russian; a stage that judges them tells its own."""
    WORDS.update(words)


def rule_in_words(rule: Any) -> str:
    """Say in Russian what a tree of conditions demands; a faulty one is described by its fault."""
    problem = rule_problem(rule)
    if problem:
        return problem
    name = next(name for name in rule if name != "title")
    if name not in ("all", "any"):
        return SENTENCES[name](rule[name])
    joint = "; и " if name == "all" else "; или "
    return joint.join(str(part.get("title") or _in_brackets(part)) for part in rule[name])


def _in_brackets(part: Any) -> str:
    text = rule_in_words(part)
    return f"({text})" if "all" in part or "any" in part else text


def _say(codes: list[str]) -> str:
    return " или ".join(WORDS.get(code, code) for code in codes)
