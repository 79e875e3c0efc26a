"""Searching: case and ё/е do not matter, an index serves it on both databases, nothing is counted without a bound.

SQLite compares Cyrillic case-sensitively and uses no index for LIKE; PostgreSQL uses one where the column has the
pattern operators. So what is searched lies folded in a column of its own and is searched by its beginning.
"""

from typing import Any

from django.db import connection, models
from django.db.models.lookups import BuiltinLookup, In

COUNTED_AT_MOST = 1000
LAST_SIGN = chr(0x10FFFF)


def search_key(*parts: str) -> str:
    """Return the parts joined, casefolded, ё as е, spaces collapsed."""
    return " ".join(" ".join(part for part in parts if part).casefold().replace("ё", "е").split())


def capped_count(rows: models.QuerySet[Any], cap: int = COUNTED_AT_MOST) -> int:
    """Count the rows, but no further than one above `cap`: whoever gets more knows only «more than cap»."""
    return rows.order_by()[: cap + 1].count()


def indexed_values(model: type[models.Model], field: str) -> list[str]:
    """The different values of an indexed column, in order: one step of the index for each, where DISTINCT reads all."""
    quote = connection.ops.quote_name
    table, column = quote(model._meta.db_table), quote(model._meta.get_field(field).get_attname_column()[1])  # type: ignore
    least = f"SELECT MIN({column}) FROM {table}"  # nosec B608: names of our own models alone
    query = (
        f"WITH RECURSIVE found(value) AS ({least} UNION ALL "  # nosec B608
        f"SELECT ({least} WHERE {column} > found.value) FROM found WHERE found.value IS NOT NULL) "
        "SELECT value FROM found WHERE value IS NOT NULL"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [row[0] for row in cursor.fetchall()]


def shown_count(count: int) -> str:
    """A capped count as people read it."""
    return f"{COUNTED_AT_MOST}+" if count > COUNTED_AT_MOST else str(count)


@models.CharField.register_lookup
class Prefix(BuiltinLookup):
    """`field__prefix="иван"`: begins with these very signs. A range on SQLite, LIKE on PostgreSQL, both by an index."""

    lookup_name = "prefix"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} LIKE %s", [*params, f"{connection.ops.prep_for_like_query(self.rhs)}%"]

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        column, params = self.process_lhs(compiler, connection)
        begin = str(self.rhs)
        return f"({column} >= %s AND {column} < %s)", [*params, begin, *params, begin + LAST_SIGN]


@models.Field.register_lookup
@models.ForeignObject.register_lookup
class Among(In):
    """`pk__among=query`: IN, with the query asked first.

    PostgreSQL guesses badly how many rows begin with some letters and walks through all for those it deems many.
    """

    lookup_name = "among"

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        column, params = self.process_lhs(compiler, connection)
        query, more = self.process_rhs(compiler, connection)
        return f"{column} = ANY(ARRAY{query})", [*params, *more]
