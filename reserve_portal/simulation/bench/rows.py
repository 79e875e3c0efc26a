"""Many rows at once: those that are alike but for some columns, without a model's instance for each."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from django.core.management.color import no_style
from django.db import connection, connections, models

AT_ONCE = 2000


def insert_rows(row: models.Model, names: list[str], values: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows like `row`, in which the attributes `names` take one tuple of `values` after the other."""
    varying = [_field(row, name) for name in names]
    fixed = [
        field for field in row._meta.concrete_fields if field.attname not in names and not field.primary_key
    ]
    constants = [_prepared(field, row) for field in fixed]
    database = connections["default"]  # asked for once, not for each value
    columns = _columns([*fixed, *varying])
    marks = ", ".join(["%s"] * (len(fixed) + len(varying)))
    lines = (
        [
            *constants,
            *(field.get_db_prep_save(value, database) for field, value in zip(varying, line, strict=True)),
        ]
        for line in values
    )
    insert = f"INSERT INTO {table_of(type(row))} ({columns}) VALUES "  # nosec B608: names of our own models alone
    with connection.cursor() as cursor:
        while some := list(islice(lines, AT_ONCE)):
            if connection.vendor == "postgresql":
                from psycopg2.extras import execute_values

                execute_values(cursor.cursor, f"{insert}%s", some, page_size=AT_ONCE)
            else:
                cursor.executemany(f"{insert}({marks})", some)


def spread_rows(row: models.Model, source: str, *values: Any, **columns: str) -> None:
    """Insert a row like `row` for each line of `source` (SQL after FROM); `columns` are SQL and differ by line."""
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    selected = ", ".join(columns.get(field.attname, "%s") for field in fields)
    constants = [_prepared(field, row) for field in fields if field.attname not in columns]
    insert = f"INSERT INTO {table_of(type(row))} ({_columns(fields)}) "  # nosec B608: as above
    with connection.cursor() as cursor:
        cursor.execute(f"{insert}SELECT {selected} FROM {source}", [*constants, *values])  # nosec B608: as above


def reset_keys(*kinds: type[models.Model]) -> None:
    """Let the database count on from the keys that were given by hand."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(kinds)):
            cursor.execute(statement)


def table_of(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def marks_for(values: Any) -> str:
    return ", ".join(["%s"] * len(values))


def _field(row: models.Model, name: str) -> Any:
    return next(field for field in row._meta.concrete_fields if field.attname == name)


def _columns(fields: Any) -> str:
    return ", ".join(connection.ops.quote_name(field.column) for field in fields)


def _prepared(field: Any, row: models.Model) -> Any:
    return field.get_db_prep_save(field.pre_save(row, add=True), connection)
