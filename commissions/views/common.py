"""What the views of this stage share."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

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


def confirm(
    request: HttpRequest,
    title: str,
    effects: list[str],
    form: Any,
    cancel_url: str,
    *,
    label: str = "",
    danger: bool = False,
) -> HttpResponse:
    """A page that says what will happen and asks for what is missing."""
    context = {
        "title": title,
        "effects": effects,
        "count": 0,
        "items": [],
        "form": form,
        "submit_label": label or getattr(form, "submit_label", "") or title,
        "danger": danger,
        "cancel_url": cancel_url,
        "hidden": {},
    }
    return render(request, "components/confirm.html", context)
