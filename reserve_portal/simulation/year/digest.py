"""One hash over what happened in a year, free of keys and of everything drawn at random by the machine."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models

CASES = ("commissions", "candidates", "assessment", "reservists", "vacancies")
MORE = (
    "core.TransitionLog",
    "regulations.Deadline",
    "notifications.Letter",
    "papers.IssuedPaper",
    "papers.NumberSequence",
    "accounts.User",
)
# Random, or naming rows by their keys, or standing on the true clock.
RANDOM = "message_id lease_token lease_until next_attempt_at attempts file stored table sha256 size check_code password"
# Documents whose order of keys is the database's own; the digest of a row of the registry stands for it.
UNORDERED = "cells published"
WITH_KEYS = "key body values rows left_out details snapshot job last_login date_joined"
LEFT_OUT = frozenset(f"{RANDOM} {WITH_KEYS} {UNORDERED}".split())


def digest_of_cases() -> str:
    """SHA-256 over all rows of the stages' tables, letters, papers and limits, rows named by their place."""
    places = _Places()
    digest = hashlib.sha256()
    for model in _models():
        for row in _rows(model, places):
            digest.update(json.dumps(row, ensure_ascii=False, default=str).encode())
    return digest.hexdigest()


def _models() -> list[type[models.Model]]:
    stages = [model for label in CASES for model in apps.get_app_config(label).get_models()]
    return sorted([*stages, *map(apps.get_model, MORE)], key=lambda model: model._meta.label)


class _Places:
    """The place of each row in its table, in the order of making: the same on every database."""

    def __init__(self) -> None:
        self.known: dict[type[models.Model], dict[Any, int]] = {}

    def of(self, model: type[models.Model] | None, pk: Any) -> str:
        if model is None or pk is None:
            return ""
        if model not in self.known:
            keys = model._default_manager.order_by("pk").values_list("pk", flat=True)
            self.known[model] = {key: place for place, key in enumerate(keys)}
        return f"{model._meta.label} {self.known[model].get(pk)}"


def _rows(model: type[models.Model], places: _Places) -> Iterator[list[Any]]:
    fields = [
        field for field in model._meta.concrete_fields if not field.primary_key and field.name not in LEFT_OUT
    ]
    for row in model._default_manager.order_by("pk").iterator(chunk_size=500):
        yield [model._meta.label, *(_value(row, field, places) for field in fields)]


def _value(row: models.Model, field: Any, places: _Places) -> Any:
    value = getattr(row, field.attname)
    if field.name == "object_id" and hasattr(row, "content_type_id"):
        return places.of(_subject_model(row), value)
    if isinstance(field, models.ForeignKey):
        return places.of(field.related_model, value)
    return str(value)


def _subject_model(row: Any) -> type[models.Model] | None:
    if row.content_type_id is None:
        return None
    return ContentType.objects.get_for_id(row.content_type_id).model_class()
