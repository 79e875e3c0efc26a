"""A deed in the admin: a page that says what will happen, a form, one service."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from reserve_portal.core.gates import Blocker, GateShut
from reserve_portal.core.workflow import TransitionRefused


def demand(allowed: bool) -> None:
    """Answer 403 to a forbidden deed."""
    if not allowed:
        raise PermissionDenied


def posted(request: HttpRequest) -> Any:
    """What binds a form: the posted data, even when the form has no field to fill in; None for a page to be shown."""
    return request.POST if request.method == "POST" else None


def confirm_deed(
    request: HttpRequest,
    *,
    title: str,
    effects: Sequence[str],
    form: Any,
    deed: Callable[[dict[str, Any]], str],
    back: str,
    submit_label: str,
    danger: bool = False,
    items: Sequence[str] = (),
    blockers: Sequence[Blocker] = (),
) -> HttpResponse:
    """Show the confirmation page, or do the deed: `deed(cleaned_data)` calls the service and returns what to say.

    `blockers`, which no form can mend, are told instead of the form. A shut gate is told beside the fields of the form,
    a deed that is not open any more on the page to go back to.
    """
    if request.method == "POST" and not blockers and form.is_valid():
        try:
            done = deed(form.cleaned_data)
        except GateShut as shut:
            tell_gate(form, shut)
        except TransitionRefused as refused:
            messages.error(request, str(refused))
            return redirect(back)
        else:
            messages.success(request, done)
            return redirect(back)
    asked = [field for field in form.fields.values() if not field.widget.is_hidden]
    if not form.errors and asked:  # the keyboard goes on where there is something to fill in
        asked[0].widget.attrs["autofocus"] = True
    return TemplateResponse(
        request,
        "admin/confirm.html",
        {
            **admin.site.each_context(request),
            "title": title,
            "effects": list(effects),
            "items": list(items),
            "count": len(items),
            "form": form,
            "submit_label": submit_label,
            "danger": danger,
            "focus_submit": not asked and not danger,
            "cancel_url": back,
            "hidden": {},
            "blockers": list(blockers),
        },
    )


def tell_gate(form: Any, shut: GateShut) -> None:
    """Put each blocker beside the field it names, the others above the form."""
    for blocker in shut.blockers:
        form.add_error(blocker.field if knows(form, blocker.field) else None, blocker.text)


def knows(form: Any, field: str) -> bool:
    """Whether the form has a place for this field's errors: its own, or one its `add_error` leads to."""
    return field in form.fields or field in getattr(form, "leads", ())
