from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from reserve_portal.core.dashboard import cards_for

from .models import NewsItem, PublicPage
from .public import public_blocks


@login_not_required
def front(request: HttpRequest) -> HttpResponse:
    """The public front page: blocks of the stages, pages, news."""
    context = {
        "blocks": public_blocks(),
        "pages": PublicPage.objects.filter(is_published=True),
        "news": NewsItem.objects.filter(is_published=True)[:5],
    }
    return render(request, "pages/front.html", context)


@login_not_required
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """One public text."""
    row = get_object_or_404(PublicPage, slug=slug, is_published=True)
    return render(request, "pages/page.html", {"page": row, "pages": PublicPage.objects.filter(is_published=True)})


@login_not_required
def news_item(request: HttpRequest, pk: int) -> HttpResponse:
    """One piece of news."""
    return render(request, "pages/news_item.html", {"item": get_object_or_404(NewsItem, pk=pk, is_published=True)})


def home(request: HttpRequest) -> HttpResponse:
    """A person's home: what waits for me, what happens next, by when."""
    return render(request, "pages/home.html", {"cards": cards_for(request.user)})
