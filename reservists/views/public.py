"""What everybody may read: the published list of reservists, the plan of events."""

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from ..models import EventsPlan
from ..month import MONTHS, first_of, month_of
from ..services.events import plan_events
from ..services.registry import published_registry, shown_rows


@login_not_required
def public_list(request: HttpRequest) -> HttpResponse:
    """The published list, names by the consents of this moment (T4); none where lists are confidential (O8.3)."""
    registry = published_registry()
    if registry is None:
        raise Http404
    page = Paginator(registry.lines.order_by("place"), 100).get_page(request.GET.get("page"))
    several = registry.edition.target_groups.count() > 1
    rows = list(enumerate(shown_rows(page), start=page.start_index()))
    context = {"registry": registry, "page": page, "rows": rows, "several": several}
    return render(request, "reservists/public_list.html", context)


@login_not_required
def newest_plan(request: HttpRequest) -> HttpResponse:
    """Lead to the newest published plan."""
    plan = EventsPlan.objects.exclude(published_on=None).first()
    if plan is None:
        raise Http404
    return redirect("reservists:plan", year=plan.year)


@login_not_required
def plan(request: HttpRequest, year: int) -> HttpResponse:
    """The published plan of events of a year (T6), as a table or, with `?month=11`, as a calendar of that month."""
    row = get_object_or_404(EventsPlan.objects.exclude(published_on=None), year=year)
    others = EventsPlan.objects.exclude(published_on=None).exclude(year=year)
    page = Paginator(plan_events(year), 100).get_page(request.GET.get("page"))
    first = first_of(f"{year}-{request.GET.get('month', '')}")
    context = {
        "plan": row,
        "page": page,
        "others": others,
        "month": month_of(first, plan_events(year)) if first else None,
        "months": list(enumerate(MONTHS, start=1)),
    }
    return render(request, "reservists/plan.html", context)
