"""The cabinet's page of requests about one's own personal data (152-FZ, article 14)."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from reserve_portal.core.gates import GateShut
from reserve_portal.pages.texts import limit_words
from reserve_portal.regulations.deadlines import find_limit
from reserve_portal.regulations.services import edition_in_force

from ..forms import SubjectRequestForm
from ..models import SubjectRequest
from ..services.requests import make_request


def requests(request: HttpRequest) -> HttpResponse:
    """The own requests with their answers, and the form for a new one."""
    user: Any = request.user
    form = SubjectRequestForm(request.POST or None, initial={"kind": request.GET.get("kind", "")})
    if request.method == "POST" and form.is_valid():
        try:
            make_request(user, **form.cleaned_data)
        except GateShut as shut:
            for blocker in shut.blockers:
                form.add_error(blocker.field or None, blocker.text)
        else:
            messages.success(request, "Запрос принят. Ответ придёт письмом и появится на этой странице.")
            return redirect("candidates:requests")
    page = Paginator(SubjectRequest.objects.filter(user=user), 20).get_page(request.GET.get("page"))
    limit = find_limit(
        edition_in_force(), starts="subject_request.received", closes="subject_request.answered"
    )
    context = {"form": form, "page": page, "limit": limit_words(limit) if limit else ""}
    return render(request, "candidates/requests.html", context)
