from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from .models import Letter
from .services import mark_read


def inbox(request: HttpRequest) -> HttpResponse:
    """The person's own letters, newest first."""
    letters = Letter.objects.visible_to(request.user).filter(in_cabinet=True)
    page = Paginator(letters, 30).get_page(request.GET.get("page"))
    return render(request, "notifications/inbox.html", {"page": page})


def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """One own letter."""
    row = get_object_or_404(Letter.objects.visible_to(request.user).filter(in_cabinet=True), pk=pk)
    mark_read(row)
    return render(request, "notifications/letter.html", {"letter": row})


@login_not_required
def all_letters(request: HttpRequest) -> HttpResponse:
    """The living example's letter box: every letter, since no mail server is set; does not exist in production."""
    if not settings.LIVING_EXAMPLE:
        raise Http404
    page = Paginator(Letter.objects.all(), 50).get_page(request.GET.get("page"))
    return render(request, "notifications/all_letters.html", {"page": page})
