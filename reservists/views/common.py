"""What the pages of plans and reports share: a deed asked for on a page of its own, its refusals told in words."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from candidates.uploads import RejectedUpload
from reserve_portal.core.calendar import CalendarNotLoaded
from reserve_portal.core.forms import PortalForm
from reserve_portal.core.gates import Blocker, GateShut
from reserve_portal.core.workflow import TransitionRefused


def demand(allowed: bool) -> None:
    """Answer 403 for a deed that is not this person's."""
    if not allowed:
        raise PermissionDenied


def deed_page(
    request: HttpRequest,
    *,
    title: str,
    lead: str,
    deed: Callable[[Any], str],
    back: tuple[str, str],
    done: str,
    form: Any = None,
    submit_label: str = "",
    blockers: Sequence[Blocker] = (),
) -> HttpResponse:
    """Ask on GET; on POST call `deed(form)`, which does it and returns where to go.

    `back` is address and label of the page before; with `blockers` nothing is asked, they are shown.
    """
    form = form if form is not None else PortalForm(request.POST if request.method == "POST" else None)
    form.cancel_url = back[0]
    form.submit_label = submit_label or form.submit_label
    if request.method == "POST" and (form.is_valid() or not form.fields):
        address = _done(deed, form, request)
        if address:
            messages.success(request, done)
            return redirect(address)
    return render(
        request,
        "reservists/deed.html",
        {"title": title, "lead": lead, "form": form, "back": back, "blockers": blockers},
    )


def _done(deed: Callable[[Any], str], form: Any, request: HttpRequest) -> str:
    """Where the deed leads; nothing when it was refused, the words then stand in the form."""
    try:
        return deed(form)
    except GateShut as shut:
        for blocker in shut.blockers:
            form.add_error(blocker.field if blocker.field in form.fields else None, blocker.text)
    except RejectedUpload as rejected:
        form.add_error("file", str(rejected))
    except ValidationError as error:
        form.add_error(None, error.messages)
    except (TransitionRefused, CalendarNotLoaded) as refused:
        form.add_error(None, str(refused))
    return ""
