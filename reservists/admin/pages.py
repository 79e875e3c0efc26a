"""Pages of the operator's admin: a deed is asked for on a page of its own, then one service is called."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from reserve_portal.accounts.enums import Role
from reserve_portal.core.admin_base import PortalModelAdmin
from reserve_portal.core.gates import Blocker, GateShut
from reserve_portal.core.timeline import timeline_of
from reserve_portal.core.workflow import TransitionRefused

from ..perms import can_manage_reserve

Tool = tuple[str, str]  # label, address


class CaseAdmin(PortalModelAdmin):
    """A row with its history and the deeds that are open to the operator."""

    readers = (Role.OPERATOR, Role.AUDITOR)
    change_form_template = "admin/reservists/case.html"
    change_list_template = "admin/reservists/cases.html"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def tools(self, obj: Any) -> list[Tool]:
        """Deeds open on this row."""
        return []

    def list_tools(self) -> list[Tool]:
        """Deeds that start from the list."""
        return []

    def page(self, name: str, *args: Any) -> str:
        """Address of one of the model's admin pages."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=args)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        obj = self.get_object(request, object_id)
        extra: dict[str, Any] = {"tools": [], "timeline": []}
        if obj is not None:
            extra["timeline"] = timeline_of([obj])
            extra["tools"] = self.tools(obj) if can_manage_reserve(request.user) else []
        return super().change_view(request, object_id, form_url, {**extra, **(extra_context or {})})

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        tools = self.list_tools() if can_manage_reserve(request.user) else []
        return super().changelist_view(request, {"tools": tools, **(extra_context or {})})


def deed_page(
    request: HttpRequest,
    *,
    title: str,
    effects: Sequence[str],
    deed: Callable[[Any], str],
    back: str,
    form: Any = None,
    submit_label: str = "Подтвердить",
    danger: bool = False,
    done: str = "",
    items: Sequence[str] = (),
    blockers: Sequence[Blocker] = (),
) -> HttpResponse:
    """Ask on GET; on POST call `deed(form)`, which does it and returns where to go. Refusals are shown on the page.

    With `blockers`, which no form can mend, nothing is asked: they are said, and the way back is offered.
    """
    if not can_manage_reserve(request.user):
        raise PermissionDenied
    if request.method == "POST" and not blockers and (form is None or form.is_valid()):
        try:
            address = deed(form)
        except (GateShut, TransitionRefused, ValidationError) as error:
            words = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
            if form is not None:
                form.add_error(None, words)
            else:
                messages.error(request, words)
        else:
            if done:
                messages.success(request, done)
            return redirect(address)
    context = {
        **admin.site.each_context(request),
        "title": title,
        "blockers": blockers,
        "effects": effects,
        "count": len(items),
        "items": items,
        "form": form,
        "submit_label": submit_label,
        "danger": danger,
        "cancel_url": back,
        "hidden": {},
        "subtitle": None,
    }
    return render(request, "admin/confirm.html", context)


def address_of(obj: Model) -> str:
    """The admin page of a row."""
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])
