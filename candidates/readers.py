"""Later stages say here who else may read a package for the time being, such as an expert who scores it."""

from collections.abc import Callable
from typing import Any

from .models import Application

Reader = Callable[[Any, Application], bool]
_readers: list[Reader] = []


def register_reader(reader: Reader) -> Reader:
    """Make `reader(user, application)` asked whenever somebody wants to open a package."""
    _readers.append(reader)
    return reader


def is_given_to(user: Any, application: Application) -> bool:
    """Whether a later stage gave the package to this user."""
    return any(reader(user, application) for reader in _readers)
