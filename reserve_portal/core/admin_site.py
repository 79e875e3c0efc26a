from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse

from .desk import desk_for


class PortalAdminSite(admin.AdminSite):
    """The operators' workplace; its front page is the desk: what waits, what is due."""

    site_header = "Кадровый резерв — рабочий стол оператора"
    site_title = "Кадровый резерв"
    index_title = "Рабочий стол"
    site_url = "/home/"

    def has_permission(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return (
            user.is_active
            and user.is_authenticated
            and user.has_any_role("operator", "administrator", "auditor")
        )

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The desk: counters of all stages, then the list of sections."""
        groups: dict[str, list[Any]] = {}
        for item in desk_for(request.user):
            groups.setdefault(item.group, []).append(item)
        return super().index(request, {"desk_groups": list(groups.items()), **(extra_context or {})})
