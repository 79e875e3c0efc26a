from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say in words what Django's own page says in English."""
    return render(request, "403_csrf.html", {"reason": reason}, status=403)
