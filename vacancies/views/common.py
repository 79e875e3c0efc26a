"""What all pages of this stage share: one deed, and its refusals told in words."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from candidates.uploads import RejectedUpload
from reserve_portal.core.calendar import CalendarNotLoaded
from reserve_portal.core.gates import GateShut
from reserve_portal.core.workflow import TransitionRefused

PAGE_SIZE = 25


def demand(allowed: bool) -> None:
    """Answer 403 for a deed that is not this person's."""
    if not allowed:
        raise PermissionDenied


def succeeds(request: HttpRequest, deed: Callable[[], Any], form: forms.BaseForm | None = None) -> bool:
    """Do a deed; when it is refused, put the sentences beside the fields (or as messages) and return False."""
    try:
        deed()
    except GateShut as shut:
        for blocker in shut.blockers:
            _tell(request, blocker.text, form, blocker.field)
    except RejectedUpload as rejected:
        _tell(request, rejected.message, form, "file")
    except (TransitionRefused, CalendarNotLoaded) as refused:
        _tell(request, str(refused), form, "")
    else:
        return True
    return False


def _tell(request: HttpRequest, text: str, form: forms.BaseForm | None, field: str) -> None:
    if form is None:
        messages.error(request, text)
    else:
        form.add_error(field if field in form.fields else None, text)
