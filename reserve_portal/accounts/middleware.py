from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

# Signing in and out and setting up the factor itself stay reachable.
ACCOUNT_PAGES = "/accounts/"


class SecondFactorMiddleware:
    """Leads officials and staff to switch on the second factor before anything else (production)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SECOND_FACTOR_REQUIRED and self._must_set_up(request):
            messages.warning(
                request, "Для служебных ролей нужен второй фактор. Включите его, чтобы продолжить."
            )
            return redirect("mfa_activate_totp")
        return self.get_response(request)

    def _must_set_up(self, request: HttpRequest) -> bool:
        user: Any = request.user
        if not user.is_authenticated or request.path.startswith(ACCOUNT_PAGES):
            return False
        return user.needs_second_factor and not is_mfa_enabled(user)
