"""One deed for many applications: a page that names how many, who is left out and why; then each by its own service."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from reserve_portal.core.admin_lists import list_query
from reserve_portal.core.gates import GateShut
from reserve_portal.core.search import capped_count
from reserve_portal.core.workflow import TransitionRefused

from ..enums import ApplicationState
from ..intake_forms import ConfirmForm, NoteForm
from ..models import Application
from ..perms import can_review_application
from ..services import intake
from ..services.review import correction_blockers_of, review_blockers

AT_ONCE = 100  # done within one request
CHOSEN_AT_MOST = 500  # looked at for one page


@dataclass(frozen=True)
class BulkDeed:
    """What is done to each application, and why one is left out (an empty text: it is not)."""

    title: str
    effects: Sequence[str]
    form: Callable[[Any], Any]
    why_not: Callable[[Application], str]
    act: Callable[[Application, Any, dict[str, Any]], Any]


def _in_state(application: Application, state: ApplicationState) -> str:
    return "" if application.state == state else f"состояние: {application.get_state_display()}"


def _first(application: Application, blockers: list[Any]) -> str:
    return blockers[0].text.rstrip(".") if blockers else ""


def _why_no_correction(application: Application) -> str:
    return _in_state(application, ApplicationState.REGISTERED) or _first(
        application, correction_blockers_of(application)
    )


def _why_not_finish(application: Application) -> str:
    return _in_state(application, ApplicationState.REGISTERED) or _first(
        application, review_blockers(application, admit=True, ground=None)
    )


BULK_DEEDS = {
    "register": BulkDeed(
        "Зарегистрировать заявления",
        [
            "Каждое заявление получит следующий номер журнала, по порядку поступления.",
            "Каждому кандидату уйдёт письмо.",
        ],
        lambda post: ConfirmForm(post),
        lambda application: _in_state(application, ApplicationState.SUBMITTED),
        lambda application, actor, data: intake.register_application(application, actor=actor),
    ),
    "correction": BulkDeed(
        "Вернуть на исправление",
        [
            "Кандидаты смогут заменить документы, отмеченные «исправить».",
            "Каждому уйдёт письмо с причинами по его документам и последним днём.",
        ],
        lambda post: NoteForm(post),
        _why_no_correction,
        lambda application, actor, data: intake.request_correction(
            application, actor=actor, note=data["note"]
        ),
    ),
    "finish": BulkDeed(
        "Закончить проверку: предложить допустить",
        [
            "Войдут заявления, у которых приняты все документы и выполнены все требования.",
            "Каждое войдёт в список для комиссии с предложением допустить. Решает комиссия.",
        ],
        lambda post: ConfirmForm(post),
        _why_not_finish,
        lambda application, actor, data: intake.finish_review(application, actor=actor, admit=True),
    ),
}


def bulk_address(page: str, request: HttpRequest, rows: models.QuerySet[Any], *args: str) -> str:
    """Where an action of the list leads: the page of the deed for what was ticked, or for the whole filtered list."""
    if request.POST.get("select_across") == "1":
        chosen = {"list": list_query(request.GET)}
    else:
        chosen = {"ids": ",".join(map(str, rows.values_list("pk", flat=True)))}
    return f"{reverse(f'admin:candidates_application_{page}', args=args)}?{urlencode(chosen)}"


def chosen_rows(model_admin: Any, request: HttpRequest) -> models.QuerySet[Any]:
    """The applications a page is about, by its address: ticked ones (`ids`) or a filtered list (`list`)."""
    ids = request.GET.get("ids")
    try:
        if ids is None:
            rows: models.QuerySet[Any] = model_admin.filtered_rows(request, request.GET.get("list", ""))
            return rows
        pks = [int(pk) for pk in ids.split(",") if pk]
    except (IncorrectLookupParameters, ValueError):
        raise Http404 from None
    rows = model_admin.get_queryset(request).filter(pk__in=pks)
    return rows.order_by("submitted_at", "pk")


def split(
    applications: list[Application], user: Any, why_not: Callable[[Application], str], at_once: int
) -> tuple[list[Application], list[tuple[str, list[Application]]]]:
    """Those to whom a deed will be done, and those left out by their reason."""
    going: list[Application] = []
    left: dict[str, list[Application]] = defaultdict(list)
    for application in applications:
        reason = "" if can_review_application(user, application) else "ваше собственное заявление"
        reason = reason or why_not(application)
        if not reason and len(going) >= at_once:
            reason = f"за один раз — не больше {at_once}: повторите для оставшихся"
        if reason:
            left[reason].append(application)
        else:
            going.append(application)
    return going, sorted(left.items())


def print_of(applications: list[Application]) -> str:
    """A digest of who was shown: what changed meanwhile must be seen before it is done."""
    return hashlib.sha256(",".join(str(row.pk) for row in applications).encode()).hexdigest()[:16]


def bulk_page(model_admin: Any, request: HttpRequest, name: str) -> HttpResponse:
    """The page of one deed for many; by POST it is done to whom the page named, one by one."""
    if name not in BULK_DEEDS:
        raise Http404
    deed, rows = BULK_DEEDS[name], chosen_rows(model_admin, request)
    back = f"{reverse('admin:candidates_application_changelist')}?{request.GET.get('list', '')}"
    if capped_count(rows, CHOSEN_AT_MOST) > CHOSEN_AT_MOST:
        messages.error(request, f"В списке больше {CHOSEN_AT_MOST} заявлений: сузьте отбор.")
        return redirect(back)
    applications = list(rows.select_related("campaign__edition"))
    if name == "register":
        applications.sort(key=lambda row: (row.submitted_at, row.pk))
    going, left = split(applications, request.user, deed.why_not, AT_ONCE)
    form = deed.form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if request.POST.get("shown") != print_of(going):
            form.add_error(None, "Пока вы смотрели, список изменился. Проверьте его ещё раз.")
        elif going:
            _do_to_each(request, deed, going, form.cleaned_data)
            return redirect(back)
    context = {
        "title": deed.title,
        "effects": deed.effects,
        "submit_label": deed.title,
        "form": form,
        "back": back,
    }
    return render_bulk(model_admin, request, going, left, context)


def render_bulk(
    model_admin: Any,
    request: HttpRequest,
    going: list[Application],
    left: list[tuple[str, list[Application]]],
    context: dict[str, Any],
    template: str = "admin/candidates/bulk.html",
) -> HttpResponse:
    """Show a page about many applications."""
    shared = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "going": going,
        "left": left,
        "left_count": sum(len(rows) for _, rows in left),
        "shown": print_of(going),
    }
    return TemplateResponse(request, template, {**shared, **context})


def _do_to_each(request: HttpRequest, deed: BulkDeed, going: list[Application], data: dict[str, Any]) -> None:
    failed = []
    for application in going:
        try:
            deed.act(application, request.user, data)
        except (GateShut, TransitionRefused) as refused:
            failed.append(f"{application.user.full_name}: {refused}")
    messages.success(request, f"{deed.title}: сделано — {len(going) - len(failed)}.")
    for words in failed:
        messages.warning(request, words)
