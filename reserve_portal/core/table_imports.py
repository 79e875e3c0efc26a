"""The two steps of every table that comes in: it is checked and shown, then stored all or nothing.

Between them the rows travel through the page as a signed text; what is stored is planned anew, and only when it is
what was shown.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.contrib import messages
from django.http import HttpRequest

from .gates import GateShut
from .spreadsheets import UnreadableTable, pack_rows, unpack_rows

TableRow = dict[str, Any]


class TablePlan(Protocol):
    """What an import would do: errors by row; whether it may be done; a mark of what was shown."""

    @property
    def errors(self) -> list[tuple[int, str]]: ...
    @property
    def is_open(self) -> bool: ...
    @property
    def digest(self) -> str: ...


class RowRefused(Exception):
    """What is wrong in a row, as the person reads it."""


@dataclass
class Step:
    """How far it has come: the plan to show with its packed rows, or `stored`."""

    plan: Any = None
    packed: str = ""
    stored: bool = False


def take_table(
    request: HttpRequest,
    form: Any,
    *,
    salt: str,
    read: Callable[[dict[str, Any]], Sequence[TableRow]],
    plan: Callable[[Sequence[TableRow]], TablePlan],
    store: Callable[[Sequence[TableRow]], Any],
) -> Step:
    """Do the step that the request asks for: `read` turns the form's data into rows (raises UnreadableTable).

    `store` is called with rows whose plan is the one that was shown; what refuses it stands in the form's errors.
    """
    packed = request.POST.get("rows", "")
    step = Step()
    try:
        if packed:
            rows: Sequence[TableRow] = unpack_rows(packed, request.user, salt=salt)
            step.plan, step.packed = plan(rows), packed
            if step.plan.is_open and request.POST.get("shown") == step.plan.digest:
                store(rows)
                step.stored = True
            else:
                messages.warning(request, "Данные тем временем изменились: проверьте ещё раз.")
        elif request.method == "POST" and form.is_valid():
            rows = read(form.cleaned_data)
            step.plan, step.packed = plan(rows), pack_rows(rows, request.user, salt=salt)
    except UnreadableTable as error:
        _refuse(request, form, f"Файл не прочитан: {error.reason}.")
    except GateShut as shut:
        _refuse(request, form, str(shut))
        step.plan = None
    return step


def _refuse(request: HttpRequest, form: Any, words: str) -> None:
    """Beside the file at the first step; above the page at the second, where no form has come."""
    if form.is_bound:
        form.add_error("file" if "file" in form.fields else None, words)
    else:
        messages.error(request, words)
