from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .enums import HealthLevel
from .health import examine


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say in words what Django's own page says in English."""
    return render(request, "403_csrf.html", {"reason": reason}, status=403)


@never_cache
@login_not_required
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Tell a monitor whether all is well (200) or not (503). What exactly was found is for who knows the token."""
    findings = examine()
    levels = {finding.level for finding in findings.values()}
    worst = next(
        level for level in (HealthLevel.FAILED, HealthLevel.WARNING, HealthLevel.OK) if level in levels
    )
    answer = {"status": worst, "checks": {code: finding.level for code, finding in findings.items()}}
    if _knows_token(request):
        answer["details"] = {code: finding.text for code, finding in findings.items()}
    return JsonResponse(
        answer, status=503 if worst == HealthLevel.FAILED else 200, json_dumps_params={"ensure_ascii": False}
    )


def _knows_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(settings.HEALTH_TOKEN) and constant_time_compare(given, settings.HEALTH_TOKEN)
