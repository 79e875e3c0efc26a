"""What belongs to one request, task or command: begun at its start, forgotten at the next."""

from collections.abc import Callable, Hashable
from contextvars import ContextVar
from typing import Any

_memo: ContextVar[dict[Hashable, Any] | None] = ContextVar("memo", default=None)


def begin_unit_of_work() -> None:
    """Forget everything remembered for the previous request, task or command."""
    _memo.set({})


def remembered(key: Hashable, compute: Callable[[], Any]) -> Any:
    """Return `compute()`, computed once within this unit of work."""
    memo = _memo.get()
    if memo is None:
        memo = {}
        _memo.set(memo)
    if key not in memo:
        memo[key] = compute()
    return memo[key]


def forget(key: Hashable) -> None:
    """Drop one remembered value, after its source was changed."""
    memo = _memo.get()
    if memo is not None:
        memo.pop(key, None)
