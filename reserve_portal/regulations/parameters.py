"""The parameters an edition may set, each with its kind; stages read them by `edition.value(key)`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from string import Formatter
from typing import Any

PATTERN_LENGTH = 40
TEXT_LENGTH = 200
WIDTH = re.compile(r"(0?[1-9]d)?")


class BadParameter(ValueError):
    """A parameter's value is not of its kind; the text is for people."""


@dataclass(frozen=True)
class ParameterSpec:
    key: str
    label: str
    parse: Callable[[Any], Any]
    kind: str
    words: Mapping[str, str] = field(default_factory=dict)  # what people read in place of the codes

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The codes among which one chooses, with their words; empty where the value is free."""
        codes = getattr(self.parse, "choices", ())
        return [(code, self.words.get(code, code)) for code in codes]

    def in_words(self, raw: Any) -> str:
        """What people read in place of the stored value."""
        if isinstance(raw, bool):
            return "да" if raw else "нет"
        if raw in (None, ""):
            return "—"
        if isinstance(raw, list):
            return ", ".join(self.in_words(item) for item in raw) or "—"
        if isinstance(raw, dict):
            order = [key for key in self.words if key in raw]  # a database keeps its own order of keys
            return "; ".join(f"{self.in_words(key)} — {self.in_words(raw[key])}" for key in order)
        return self.words.get(str(raw), str(raw))


def _percent(raw: Any) -> Decimal:
    try:
        value = Decimal(str(raw))
    except InvalidOperation:
        raise BadParameter("нужно число процентов") from None
    if not (value.is_finite() and 0 <= value <= 100):
        raise BadParameter("процент — от 0 до 100")
    return value


def _percent_or_empty(raw: Any) -> Decimal | None:
    return None if raw in (None, "") else _percent(raw)


def _whole(raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or raw < 0:
        raise BadParameter("нужно целое число, не меньше нуля")
    return raw


def _counting(raw: Any) -> int:
    value = _whole(raw)
    if not 1 <= value <= 12:
        raise BadParameter("нужно число от 1 до 12")
    return value


def _flag(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise BadParameter("нужно «да» или «нет» (true или false)")
    return raw


def _pattern(raw: Any) -> str:
    if not isinstance(raw, str) or len(raw) > PATTERN_LENGTH:
        raise BadParameter(f"нужен шаблон номера — текст не длиннее {PATTERN_LENGTH} знаков")
    try:
        parts = [
            (name, spec, conversion)
            for _, name, spec, conversion in Formatter().parse(raw)
            if name is not None
        ]
    except ValueError:
        raise BadParameter("в шаблоне не сходятся фигурные скобки") from None
    if any(name not in ("year", "number") or conversion for name, _, conversion in parts):
        raise BadParameter("в шаблоне допустимы только {year} и {number}")
    if any(not WIDTH.fullmatch(spec or "") for _, spec, _ in parts):
        raise BadParameter("ширину номера задают так: {number:04d}")
    if "number" not in [name for name, _, _ in parts]:
        raise BadParameter("в шаблоне номера нужен {number}")
    return raw


def _one_of(*choices: str) -> Callable[[Any], str]:
    def parse(raw: Any) -> str:
        if raw not in choices:
            raise BadParameter("допустимо: " + ", ".join(choices))
        return raw

    parse.choices = choices  # type: ignore[attr-defined]
    return parse


def _several_of(*choices: str) -> Callable[[Any], tuple[str, ...]]:
    def parse(raw: Any) -> tuple[str, ...]:
        if not isinstance(raw, list) or not raw or any(item not in choices for item in raw):
            raise BadParameter("допустимо (одно или несколько): " + ", ".join(choices))
        return tuple(raw)

    parse.choices = choices  # type: ignore[attr-defined]
    return parse


WEIGHTS = {
    "rating": "результат оценки",
    "zone": "зона",
    "municipality": "территория",
    "experience": "руководящий стаж",
    "profile": "профиль организации",
    "events": "мероприятия",
}


def _body_code(raw: Any) -> str:
    if not isinstance(raw, str) or not re.fullmatch(r"[-a-zA-Z0-9_]{0,60}", raw):
        raise BadParameter("нужен код органа этой редакции или пустая строка")
    return raw


def _weights(raw: Any) -> dict[str, int]:
    if not isinstance(raw, dict) or set(raw) - set(WEIGHTS):
        raise BadParameter("допустимы веса: " + ", ".join(sorted(WEIGHTS)))
    return {key: _whole(value) for key, value in raw.items()}


def _texts(raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list) or len(set(map(str, raw))) < len(raw):
        raise BadParameter("нужен список разных строк")
    if any(not isinstance(item, str) or not 0 < len(item.strip()) <= TEXT_LENGTH for item in raw):
        raise BadParameter(f"каждая строка — текст не длиннее {TEXT_LENGTH} знаков")
    return tuple(item.strip() for item in raw)


NOMINATION_KINDS = {
    "self": "самовыдвижение",
    "municipality": "выдвинут органом местного самоуправления",
    "head": "выдвинут руководителем организации",
}

# What an individual development plan is made of, beside event, form and term, which every plan has.
PLAN_PARTS = {
    "deficits": "дефициты",
    "goals": "цели",
    "competence": "дефицит или компетенция пункта",
    "organiser": "организатор и место",
    "evidence": "чем подтверждается",
}

SPECS = {
    spec.key: spec
    for spec in (
        ParameterSpec("intakes_a_year", "Наборов в год", _counting, "число"),
        ParameterSpec(
            "nomination_kinds",
            "Кто может выдвинуть",
            _several_of(*NOMINATION_KINDS),
            "список",
            NOMINATION_KINDS,
        ),
        ParameterSpec(
            "several_target_groups", "Можно заявиться в несколько целевых групп", _flag, "да или нет"
        ),
        ParameterSpec("registration_pattern", "Вид регистрационного номера", _pattern, "шаблон"),
        ParameterSpec("max_file_mb", "Наибольший размер файла, МБ", _whole, "число"),
        ParameterSpec("max_file_pages", "Наибольшее число страниц в файле", _whole, "число"),
        ParameterSpec("max_package_mb", "Наибольший размер пакета, МБ", _whole, "число"),
        ParameterSpec("threshold_percent", "Проходной порог, % от максимума", _percent, "процент"),
        ParameterSpec("zones", "Различать жёлтую зону", _flag, "да или нет"),
        ParameterSpec(
            "green_percent", "Граница зелёной зоны, % от максимума", _percent_or_empty, "процент или пусто"
        ),
        ParameterSpec(
            "attempt",
            "Какая попытка теста засчитывается",
            _one_of("best", "last", "first"),
            "одно из",
            {"best": "лучшая", "last": "последняя", "first": "первая"},
        ),
        ParameterSpec(
            "result_shown",
            "Что кандидат видит о своём результате после решения",
            _one_of("passed", "points", "sections"),
            "одно из",
            {
                "passed": "пройден порог или нет",
                "points": "сумму баллов",
                "sections": "баллы по направлениям",
            },
        ),
        ParameterSpec(
            "borders_by_decision", "Границы и направления оценки утверждает орган", _flag, "да или нет"
        ),
        ParameterSpec("expert_conclusion", "Экспертное заключение о каждом оценённом", _flag, "да или нет"),
        ParameterSpec("good_reason", "Неполный пакет допустим по уважительной причине", _flag, "да или нет"),
        ParameterSpec("learning_route", "Маршрут обучения для не набравших порог", _flag, "да или нет"),
        ParameterSpec("wait_months", "Включение после неудачи не раньше, месяцев", _whole, "число"),
        ParameterSpec(
            "apply_while_waiting", "Подать заявление можно и раньше этого срока", _flag, "да или нет"
        ),
        ParameterSpec("return_months", "Включение после исключения не раньше, месяцев", _whole, "число"),
        ParameterSpec("public_list", "Публиковать список резервистов", _flag, "да или нет"),
        ParameterSpec(
            "advantage",
            "Преимущество при подборе",
            _one_of("events", "zone", "none"),
            "одно из",
            {"events": "по числу мероприятий", "zone": "у зелёной зоны", "none": "не предусмотрено"},
        ),
        ParameterSpec("advantage_events", "Мероприятий до преимущества", _whole, "число"),
        ParameterSpec("matching_weights", "Веса критериев подбора", _weights, "веса", WEIGHTS),
        ParameterSpec("defence", "Нужна защита концепции развития", _flag, "да или нет"),
        ParameterSpec("agreement", "Назначение согласует департамент (министерство)", _flag, "да или нет"),
        ParameterSpec("only_from_reserve", "Назначают только из резерва", _flag, "да или нет"),
        ParameterSpec(
            "municipal_sees_zone", "Муниципалитет видит зону своих резервистов", _flag, "да или нет"
        ),
        ParameterSpec("mentors", "За резервистами закрепляют наставников", _flag, "да или нет"),
        ParameterSpec("development_plan", "Индивидуальный план и квартальные отчёты", _flag, "да или нет"),
        ParameterSpec("plan_forms", "Формы подготовки в плане", _texts, "строки"),
        ParameterSpec("plan_parts", "Из чего состоит план", _several_of(*PLAN_PARTS), "список", PLAN_PARTS),
        ParameterSpec("attestation", "Ежегодная итоговая аттестация резервистов", _flag, "да или нет"),
        ParameterSpec("exclusion_age", "Возраст исключения, лет (0 — не важен)", _whole, "число"),
        ParameterSpec(
            "exclusion_refusals", "Отказов от мероприятий до исключения (0 — не важны)", _whole, "число"
        ),
        ParameterSpec(
            "return_needs_representation",
            "После исключения нужно представление руководителя",
            _flag,
            "да или нет",
        ),
        ParameterSpec("quarterly_body", "Орган, который заседает каждый квартал", _body_code, "код органа"),
    )
}


def parse_parameter(key: str, raw: Any) -> Any:
    """Return the value of parameter `key` in its own type; raises BadParameter, or LookupError for an unknown key."""
    if key not in SPECS:
        raise LookupError(f"неизвестный параметр «{key}»")
    return SPECS[key].parse(raw)
