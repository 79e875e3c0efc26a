from dataclasses import asdict

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from reserve_portal.core.accessibility import COOKIE, COOKIE_AGE, Reading, reading_from_cookie
from reserve_portal.core.dashboard import cards_for

from .forms import ReadingForm
from .models import NewsItem, PublicPage
from .public import public_blocks


@login_not_required
def front(request: HttpRequest) -> HttpResponse:
    """The public front page: blocks of the stages, pages, news."""
    context = {
        "blocks": public_blocks(),
        "pages": PublicPage.objects.filter(is_published=True).only("slug", "title", "order"),
        "news": NewsItem.objects.filter(is_published=True)[:5],
    }
    return render(request, "pages/front.html", context)


@login_not_required
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """One public text."""
    row = get_object_or_404(PublicPage, slug=slug, is_published=True)
    others = PublicPage.objects.filter(is_published=True).only("slug", "title", "order")
    return render(request, "pages/page.html", {"page": row, "pages": others})


@login_not_required
def news_item(request: HttpRequest, pk: int) -> HttpResponse:
    """One piece of news."""
    return render(
        request, "pages/news_item.html", {"item": get_object_or_404(NewsItem, pk=pk, is_published=True)}
    )


def home(request: HttpRequest) -> HttpResponse:
    """A person's home: what waits for me, what happens next, by when."""
    return render(request, "pages/home.html", {"cards": cards_for(request.user)})


@login_not_required
def reading(request: HttpRequest) -> HttpResponse:
    """Choose the version for reading: the whole form here, single settings from the panel of any page."""
    now = reading_from_cookie(request.COOKIES.get(COOKIE, ""))
    if request.method != "POST":
        form = ReadingForm(initial={**asdict(now), "next": _safe_next(request, request.GET.get("next", ""))})
        return render(request, "pages/reading.html", {"form": form})
    chosen = Reading() if "usual" in request.POST else now.changed(request.POST.dict())
    response = redirect(_safe_next(request, request.POST.get("next", "")))
    response.set_cookie(
        COOKIE,
        chosen.to_cookie(),
        max_age=COOKIE_AGE,
        samesite="Lax",
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def _safe_next(request: HttpRequest, address: str) -> str:
    """The page to go back to; never another host."""
    if url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
        return address
    return reverse("pages:reading")
