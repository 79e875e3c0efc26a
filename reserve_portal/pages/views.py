from dataclasses import asdict

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from reserve_portal.core.accessibility import COOKIE, COOKIE_AGE, Reading, reading_from_cookie
from reserve_portal.core.dashboard import cards_for
from reserve_portal.core.downloads import private_file

from .forms import ReadingForm
from .models import Material, NewsItem, PublicPage
from .public import page_blocks, public_addresses, public_blocks

NEWS_AT_ONCE = 20
NEWS_IN_SITEMAP = 1000
ROBOTS_ALLOW = (
    "/candidate/campaigns/",
    "/candidate/check/",
    "/candidate/blanks/",
    "/reserve/list/",
    "/reserve/plan/",
    "/assessment/announced/",
    "/papers/check/",
)
ROBOTS_DISALLOW = (
    "/admin/",
    "/accounts/",
    "/home/",
    "/letters/",
    "/candidate/",
    "/commission/",
    "/assessment/",
    "/reserve/",
    "/vacancies/",
    "/papers/",
    "/reading/",
    "/health/",
)


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
    context = {"page": row, "pages": others, "blocks": page_blocks(slug)}
    return render(request, "pages/page.html", context)


@login_not_required
def news(request: HttpRequest) -> HttpResponse:
    """All news, newest first."""
    rows = NewsItem.objects.filter(is_published=True)
    page_of_news = Paginator(rows, NEWS_AT_ONCE).get_page(request.GET.get("page"))
    return render(request, "pages/news.html", {"page": page_of_news})


@login_not_required
def material(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A published file, as an attachment under a name of our own."""
    row = get_object_or_404(Material, pk=pk, is_published=True)
    return private_file(row.file, f"{row.title[:80]}.{str(row.file.name).rsplit('.', 1)[-1]}")


@login_not_required
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines may read: the public pages alone."""
    lines = ["User-agent: *", *(f"Allow: {path}" for path in ROBOTS_ALLOW)]
    lines += [f"Disallow: {path}" for path in ROBOTS_DISALLOW]
    lines.append(f"Sitemap: {settings.SITE_URL}{reverse('pages:sitemap')}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@login_not_required
def sitemap(request: HttpRequest) -> HttpResponse:
    """The addresses of all public pages."""
    own = [reverse("pages:front"), reverse("pages:news"), reverse("papers:check")]
    pages = [row.get_absolute_url() for row in PublicPage.objects.filter(is_published=True)]
    latest = [row.get_absolute_url() for row in NewsItem.objects.filter(is_published=True)[:NEWS_IN_SITEMAP]]
    paths = [*own, *pages, *latest, *public_addresses()]
    context = {"addresses": [settings.SITE_URL + path for path in dict.fromkeys(paths)]}
    return render(request, "pages/sitemap.xml", context, content_type="application/xml; charset=utf-8")


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
