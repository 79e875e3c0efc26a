from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class PortalAdminSite(admin.AdminSite):
    """The operators' workplace."""

    site_header = "Кадровый резерв — рабочее место оператора"
    site_title = "Кадровый резерв"
    index_title = "Рабочий стол"
    site_url = "/home/"

    def has_permission(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return user.is_active and user.is_authenticated and user.has_any_role("operator", "administrator", "auditor")
