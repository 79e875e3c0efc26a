"""What the views of this stage share."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from reserve_portal.core.gates import GateShut
from reserve_portal.core.workflow import TransitionRefused


def require(allowed: bool) -> None:
    """Answer 403 unless `allowed`."""
    if not allowed:
        raise PermissionDenied


def done(request: HttpRequest, service: Callable[..., Any], *args: Any, said: str, **kwargs: Any) -> bool:
    """Call one service and tell the person how it went; returns whether it was done."""
    try:
        service(*args, **kwargs)
    except GateShut as shut:
        for blocker in shut.blockers:
            messages.error(request, blocker.text)
        return False
    except TransitionRefused as refused:
        messages.error(request, str(refused))
        return False
    messages.success(request, said)
    return True
