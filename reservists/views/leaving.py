"""Leaving the reserve: the reservist's own application, a dismissal told by the municipality (O6.2)."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from reserve_portal.core.gates import GateShut

from ..enums import SignalKind
from ..leaving_forms import DismissalForm, LeaveForm
from ..models import Reservist
from ..perms import can_report_dismissal
from ..services.signals import apply_to_leave, leaving_blockers, report_dismissal


def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for confirmation and a reason, then take the application; a body decides about it."""
    reservist = get_object_or_404(_people().filter(user_id=request.user.pk or 0), pk=pk)
    form = LeaveForm(request.POST or None)
    if _done(request, form, lambda: apply_to_leave(reservist, actor=request.user, **form.cleaned_data)):
        messages.success(request, "Заявление принято. О решении мы напишем.")
        return redirect("reservists:mine")
    return _page(
        request,
        title="Выйти из резерва",
        effects=[
            f"Целевая группа: {reservist.target_group}.",
            "Заявление рассмотрит уполномоченный орган; до его решения вы остаётесь в резерве.",
        ],
        form=form,
        blockers=leaving_blockers(reservist, SignalKind.OWN_WISH),
        back=reverse("reservists:mine"),
        back_label="Мой резерв",
    )


def dismissal(request: HttpRequest, pk: int) -> HttpResponse:
    """A municipality tells that a reservist of its own was dismissed."""
    user: Any = request.user
    reservist = get_object_or_404(_people().visible_to(user), pk=pk)
    if not can_report_dismissal(user, reservist):
        raise PermissionDenied
    form = DismissalForm(request.POST or None)
    back = reverse("reservists:person", args=[pk])
    if _done(request, form, lambda: report_dismissal(reservist, actor=user, **form.cleaned_data)):
        messages.success(request, "Сообщение принято. Оператор передаст вопрос уполномоченному органу.")
        return redirect(back)
    return _page(
        request,
        title=f"Сообщить об увольнении: {reservist.user.full_name}",
        effects=[
            "Сообщение увидит оператор резерва.",
            "Исключить из резерва может только уполномоченный орган.",
        ],
        form=form,
        blockers=leaving_blockers(reservist, SignalKind.DISMISSED),
        back=back,
        back_label=reservist.user.full_name,
    )


def _people() -> Any:
    return Reservist.objects.select_related("user", "edition", "target_group", "municipality")


def _done(request: HttpRequest, form: Any, deed: Callable[[], Any]) -> bool:
    """Do the deed of a form that was sent and is right; a shut gate is told beside its fields."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        deed()
    except GateShut as shut:
        for blocker in shut.blockers:
            form.add_error(blocker.field if blocker.field in form.fields else None, blocker.text)
        return False
    return True


def _page(
    request: HttpRequest,
    *,
    title: str,
    effects: list[str],
    form: Any,
    blockers: Any,
    back: str,
    back_label: str,
) -> HttpResponse:
    form.cancel_url = back
    context = {
        "title": title,
        "effects": effects,
        "form": form,
        "blockers": blockers,
        "back": back,
        "back_label": back_label,
    }
    return render(request, "reservists/leave.html", context)
