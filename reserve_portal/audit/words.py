"""Details of an event in Russian, for whoever inspects the journal; the sealed row keeps the codes."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from reserve_portal.core import clock

NAMES = {
    "action": "Действие",
    "after": "Стало",
    "basis": "Основание",
    "batch": "Загрузка",
    "before": "Было",
    "changed": "Изменено",
    "count": "Сколько",
    "field": "Поле",
    "fields": "Поля",
    "found": "Что найдено",
    "ground": "Основание",
    "hand_in": "Лист сдан",
    "kind": "Вид",
    "name": "Название",
    "new": "Новое",
    "number": "Номер",
    "on": "День",
    "organisation": "Организация",
    "people": "Люди",
    "reason": "Причина",
    "role": "Роль",
    "roles": "Роли",
    "rows": "Строки",
    "scope": "Что затронуто",
    "sha256": "SHA-256",
    "state": "Состояние",
    "text": "Текст",
    "title": "Заголовок",
    "total": "Всего",
    "until": "До какого дня",
    "was": "Было",
    "year": "Год",
}
LARGEST_ID = 2**63
DAY = re.compile(r"\d{4}-\d\d-\d\d")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")


_values: dict[str, Mapping[Any, str]] = {}


def name_values(key: str, labels: Mapping[Any, str]) -> None:
    """Let codes under `key` be read in words wherever they are recorded; an app says it in its `deeds.py`."""
    _values[key] = labels


def described_details(model: type[models.Model] | None, details: Any) -> list[tuple[str, list[str]]]:
    """Pairs of a Russian name and values in words, several for a list; what is unknown keeps its key.

    `model` is that of the object of the event, None where it is gone from the portal.
    """
    if not isinstance(details, Mapping):
        return [("", [_plain(details)])] if details not in (None, "", []) else []
    return [
        (_name(model, key), [_text(key, _field(model, key), item) for item in _items(value)])
        for key, value in details.items()
    ]


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) and value else [value]


def _field(model: type[models.Model] | None, key: str) -> Any:
    if model is None:
        return None
    try:
        return model._meta.get_field(key)
    except FieldDoesNotExist:
        return None


def _name(model: type[models.Model] | None, key: str) -> str:
    label = getattr(_field(model, key), "verbose_name", None)
    # Django's own name of a field that was given none is English.
    if label and str(label) != key.replace("_", " "):
        return str(label)[:1].upper() + str(label)[1:]
    return NAMES.get(key, key)


def _text(key: str, field: Any, value: Any) -> str:
    labels: Mapping[Any, str] = _values.get(key) or dict(getattr(field, "flatchoices", None) or ())
    if not isinstance(value, str | int) or isinstance(value, bool):
        return _plain(value)
    if value in labels:
        return str(labels[value])
    if isinstance(field, models.ForeignKey) and isinstance(value, int) and value < LARGEST_ID:
        row = field.related_model._base_manager.filter(pk=value).first()
        return str(row) if row else str(value)
    return _plain(value)


def _plain(value: Any) -> str:
    if value is None or value in ("", []):
        return "—"
    if isinstance(value, bool):
        return "да" if value else "нет"
    if isinstance(value, Mapping):
        return "; ".join(f"{NAMES.get(key, key)}: {_plain(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(_plain(item) for item in value)
    if isinstance(value, str):
        return _moment(value)
    return str(value)


def _moment(text: str) -> str:
    """A day or a moment as people write it; any other text as it is."""
    try:
        if DAY.fullmatch(text):
            return f"{date.fromisoformat(text):%d.%m.%Y}"
        if MOMENT.fullmatch(text):
            moment = datetime.fromisoformat(text)
            return f"{clock.local(moment) if moment.tzinfo else moment:%d.%m.%Y %H:%M}"
    except ValueError:
        pass
    return text
