"""Editions of the presets, quickly: loaded and checked once in a process, then stored by bulk inserts."""

from typing import Any

from django.db import models

from reserve_portal.regulations.models import Edition, Parameter
from reserve_portal.regulations.services import ROW_MODELS, load_regulation

_known: dict[str, tuple[dict[str, Any], list[tuple[type[models.Model], list[dict[str, Any]]]]]] = {}


def load_edition_quickly(name: str) -> Edition:
    """Return the edition of preset `name`, in force when no other is."""
    if name not in _known:
        edition = load_regulation(name)
        _known[name] = (
            _values(edition),
            [
                (
                    model,
                    [_values(row) for row in model._default_manager.filter(edition=edition).order_by("pk")],
                )
                for model in (*ROW_MODELS.values(), Parameter)
            ],
        )
        return edition
    values, tables = _known[name]
    existing = Edition.objects.filter(code=values["code"]).first()
    if existing is not None:
        return existing
    edition = Edition.objects.create(
        **{**values, "in_force": not Edition.objects.filter(in_force=True).exists()}
    )
    for model, rows in tables:
        model._default_manager.bulk_create([model(**{**row, "edition_id": edition.pk}) for row in rows])
    return edition


def _values(row: models.Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.fields if not field.primary_key}
