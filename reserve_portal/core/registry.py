"""A named set of plugs; a stage adds its own from an autodiscovered module."""

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    """Plugs by code; a code is taken once."""

    def __init__(self, what: str):
        self.what = what
        self._plugs: dict[str, T] = {}

    def add(self, code: str, plug: T) -> T:
        """Register `plug`; raises ValueError when the code is taken by another one."""
        if self._plugs.get(code, plug) is not plug:
            raise ValueError(f"{self.what} «{code}» is registered twice")
        self._plugs[code] = plug
        return plug

    def get(self, code: str) -> T:
        """Return the plug of `code`; raises LookupError naming it."""
        try:
            return self._plugs[code]
        except KeyError:
            raise LookupError(f"{self.what} «{code}» is not registered") from None

    def __contains__(self, code: str) -> bool:
        return code in self._plugs

    def __iter__(self) -> Iterator[T]:
        return iter(self._plugs.values())

    def codes(self) -> list[str]:
        return list(self._plugs)
