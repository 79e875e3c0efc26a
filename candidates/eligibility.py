"""May this person apply at all? Later stages plug in what they know: already a member, a waiting year (T5, O6.4)."""

from collections.abc import Callable
from datetime import date
from typing import Any

from reserve_portal.core.gates import Blocker

Eligibility = Callable[[Any, Any, date], list[Blocker]]
Returning = Callable[[Any], bool]
_plugs: list[Eligibility] = []
_returning: list[Returning] = []


def register_eligibility(function: Eligibility) -> Eligibility:
    """Register `function(user, edition, on)`, which returns the blockers of an application on the day `on`."""
    if function not in _plugs:
        _plugs.append(function)
    return function


def eligibility_blockers(user: Any, edition: Any, on: date) -> list[Blocker]:
    """Everything the stages name against an application of `user` under `edition` on the day `on`."""
    return [blocker for plug in _plugs for blocker in plug(user, edition, on)]


def register_returning(function: Returning) -> Returning:
    """Register `function(user)`, which says whether this person comes back after an exclusion (O6.4)."""
    if function not in _returning:
        _returning.append(function)
    return function


def is_returning(user: Any) -> bool:
    """Say whether some stage knows that the person was excluded before (O6.4)."""
    return any(plug(user) for plug in _returning)
