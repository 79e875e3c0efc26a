from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render

from reserve_portal.audit.services import record_event
from reserve_portal.core.downloads import private_file
from reserve_portal.core.timeline import timeline_of
from reserve_portal.papers.models import IssuedPaper

from .. import perms
from ..forms import REMOVED, OrderForm
from ..models import DecisionList, Meeting, Order
from ..motions import Columns, motion_of, table_row
from ..services import basis_of, record_order
from .common import done, require

PER_PAGE = 20


def order_list(request: HttpRequest) -> HttpResponse:
    """Lists that wait for an order, and orders recorded."""
    require(perms.can_view_orders(request.user))
    waiting = DecisionList.objects.waiting_for_order().annotate(people=Count("lines")).order_by("pk")
    orders = Order.objects.select_related("list", "recorded_by").order_by("-dated", "-pk")
    page = Paginator(orders, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "commissions/orders.html", {"waiting": waiting[:100], "page": page})


def order(request: HttpRequest, pk: int) -> HttpResponse:
    """A list before an official of the authority: its people, the protocols behind it, the order's form."""
    user: Any = request.user
    require(perms.can_view_orders(user))
    row = get_object_or_404(DecisionList.objects.waiting_for_order().select_related("edition"), pk=pk)
    motion = motion_of(row)
    lines = list(row.lines.prefetch_related("subject"))
    columns = motion.shown_columns(row)
    allowed = perms.can_record_order(user, row)
    form = OrderForm(
        request.POST or None, request.FILES or None, lines=[line for line in lines if line.standing]
    )
    if request.method == "POST":
        require(allowed)
        if form.is_valid() and _record(request, row, form):
            return redirect("commissions:orders")
    context = {
        "list": row,
        "motion": motion,
        "notes": motion.notes(row),
        "headings": [heading for _, heading in columns],
        "rows": [_row(line, motion, columns, form) for line in lines],
        "form": form if allowed else None,
        "basis": basis_of(row),
        "draft": IssuedPaper.objects.about(row).filter(kind="order_draft").first(),
        "protocols": IssuedPaper.objects.filter(
            kind="protocol", object_id__in=Meeting.objects.filter(items__list=row).values("pk")
        ),
        "timeline": timeline_of([row]),
    }
    return render(request, "commissions/order.html", context)


def order_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file of a recorded order, as an attachment under a name of our own."""
    require(perms.can_view_orders(request.user) or perms.can_plan_meeting(request.user))
    row = get_object_or_404(Order, pk=pk)
    if not row.file:
        raise Http404
    record_event("commissions.download_order", row, actor=request.user)
    return private_file(row.file, f"Приказ {row.number}.pdf")


def _record(request: HttpRequest, row: DecisionList, form: OrderForm) -> bool:
    data = form.cleaned_data
    return done(
        request,
        record_order,
        row,
        number=data["number"],
        dated=data["dated"],
        file=data["file"],
        removed=form.removed(),
        actor=request.user,
        said="Приказ внесён.",
    )


def _row(line: Any, motion: Any, columns: Columns, form: OrderForm) -> dict[str, Any]:
    name = f"{REMOVED}{line.pk}"
    return {
        **table_row(line, columns),
        "decision": motion.yes if line.standing else motion.no,
        "reason": line.outcome_reason or line.proposal_reason,
        "papers_url": motion.papers_url(line),
        "field": form[name] if name in form.fields else None,
    }
