"""What the operator's own pages share: permission, frame, confirmation, sentences of a shut gate."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from assessment.forms import show_blockers
from assessment.perms import can_manage_procedures
from reserve_portal.core.gates import Blocker, GateShut
from reserve_portal.core.workflow import TransitionRefused


def require_operator(request: HttpRequest) -> None:
    """Raise PermissionDenied for everybody but the operator."""
    if not can_manage_procedures(request.user):
        raise PermissionDenied


def page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Render a page in the admin's frame."""
    frame = admin.site.each_context(request)
    return TemplateResponse(request, template, {**frame, **context}, status=status)


def procedure_url(pk: int, name: str = "change", *args: Any) -> str:
    """Address of a page of one procedure."""
    return reverse(f"admin:assessment_procedure_{name}", args=[pk, *args])


def attempt(service: Callable[[], Any], form: BaseForm | None = None) -> list[Blocker]:
    """Call a service; returns the sentences of a shut gate, put beside the fields of `form` where there is one."""
    try:
        service()
    except GateShut as error:
        blockers = error.blockers
    except TransitionRefused as error:
        blockers = [Blocker(str(error))]
    else:
        return []
    if form is not None:
        show_blockers(form, blockers)
    return blockers


def deed(
    request: HttpRequest,
    *,
    title: str,
    effects: Sequence[str],
    service: Callable[[], Any],
    blockers: Callable[[], list[Blocker]],
    done: str,
    back: str,
    submit_label: str,
    items: Sequence[str] = (),
    count: int = 0,
    danger: bool = False,
) -> HttpResponse:
    """Ask for confirmation on GET, do the deed on POST; a shut gate is shown with its sentences on either."""
    require_operator(request)
    shut = blockers()
    if request.method == "POST" and not shut:
        shut = attempt(service)
        if not shut:
            messages.success(request, done)
            return HttpResponseRedirect(back)
    context = {
        "title": title,
        "effects": effects,
        "items": items,
        "count": count,
        "blockers": shut,
        "submit_label": submit_label,
        "danger": danger,
        "back": back,
    }
    return page(request, "admin/assessment/deed.html", context)
