"""«Руководители»: who heads the organisations, when their posts are likely to fall vacant, and the table of them."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from reserve_portal.accounts.models import Municipality
from reserve_portal.core import clock
from reserve_portal.core.downloads import generated_file
from reserve_portal.core.plots import bar_plot
from reserve_portal.core.search import search_key
from reserve_portal.core.table_imports import take_table
from reserve_portal.core.tables import SHEET_TYPE, write_xlsx

from .. import perms
from ..forecast import Forecast, Known, forecast, pension_year
from ..forms import HeadForm, HeadsForm
from ..models import OrganisationHead
from ..services.fitting import bare_schools, coverage_of
from ..services.heads_import import COLUMNS, SALT, import_heads, plan_heads, read_heads
from .common import PAGE_SIZE, demand

ERRORS_SHOWN = 200
SCHOOLS_SHOWN = 200
SAMPLE = (
    "Город Томск",
    "Школа № 1 (образец: удалите эту строку)",
    "",
    "Ромашкина Анна Сергеевна",
    "01.09.2022",
    "31.08.2027",
    "1970",
)


def head_list(request: HttpRequest) -> HttpResponse:
    """The heads this person may see, with the forecast of vacancies by year as a plot and a table."""
    user: Any = request.user
    demand(perms.can_list_heads(user))
    rows = OrganisationHead.objects.current().visible_to(user)
    words = request.GET.get("q", "").strip()
    ahead = _forecast(rows)
    if words:
        rows = rows.filter(search_key__contains=search_key(words))
    page = Paginator(rows.select_related("organisation__municipality"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page,
        "rows": [
            (head, pension_year(head.birth_year, head.name) if head.birth_year else None)
            for head in page.object_list
        ],
        "words": words,
        "ahead": ahead,
        "known": any(year.total for year in ahead.years) or ahead.later,
        "plot": _plot(ahead),
        "today": clock.today(),
        "may_import": perms.can_import_heads(user),
        "may_report": perms.can_report_vacancy(user),
        "whole_region": user.has_any_role("operator", "authority", "auditor"),
    }
    return render(request, "vacancies/heads.html", context)


def _forecast(rows: Any) -> Forecast:
    known = rows.order_by().values_list("name", "contract_until", "birth_year")
    return forecast((Known(*row) for row in known), this_year=clock.today().year)


def _plot(ahead: Forecast) -> str:
    return bar_plot(
        "Прогноз вакансий по годам",
        ("окончание договора", "пенсионный возраст"),
        [(str(year.year), (year.contract, year.pension)) for year in ahead.years],
    )


def coverage(request: HttpRequest) -> HttpResponse:
    """Where the reserve has nobody: municipalities as a plot and a table, and the organisations of one of them."""
    user: Any = request.user
    demand(perms.can_list_heads(user))
    towns = Municipality.objects.all()
    whole_region = user.has_any_role("operator", "authority", "auditor")
    if not whole_region:
        towns = towns.filter(pk=user.municipality_id)
    rows = coverage_of(towns)
    asked = request.GET.get("municipality", "")
    chosen = next((row for row in rows if str(row.pk) == asked), rows[0] if len(rows) == 1 else None)
    context = {
        "rows": rows,
        "chosen": chosen,
        "schools": bare_schools(chosen.pk)[:SCHOOLS_SHOWN] if chosen else [],
        "without": sum(not row.reservists for row in rows),
        "plot": bar_plot(
            "Резервисты по муниципальным образованиям",
            ("резервистов",),
            [(row.name, (row.reservists,)) for row in rows],
        ),
        "whole_region": whole_region,
    }
    return render(request, "vacancies/coverage.html", context)


def import_page(request: HttpRequest) -> HttpResponse:
    """Read a table, show what it would change and what is wrong by row; a second POST does all or nothing."""
    user: Any = request.user
    demand(perms.can_import_heads(user))
    town = None if user.has_role("operator") else user.municipality
    form = HeadsForm(
        request.POST if request.method == "POST" and "rows" not in request.POST else None,
        request.FILES or None,
    )
    form.cancel_url = reverse("vacancies:heads")
    form.helper = form.build_helper()
    step = take_table(
        request,
        form,
        salt=SALT,
        read=lambda data: read_heads(data["file"].read(), municipality=town),
        plan=lambda rows: plan_heads(rows, municipality=town),
        store=lambda rows: import_heads(rows, municipality=town, actor=user),
    )
    plan = step.plan
    if step.stored:
        messages.success(request, f"Загружено: новых — {len(plan.new)}, изменено — {len(plan.changed)}.")
        return redirect("vacancies:heads")
    context = {
        "form": form,
        "plan": plan,
        "packed": step.packed,
        "errors": plan.errors[:ERRORS_SHOWN] if plan else [],
        "headings": list(COLUMNS),
        "own": town,
    }
    return render(request, "vacancies/heads_import.html", context)


def enter(request: HttpRequest) -> HttpResponse:
    """One head by hand, or a change of what is known of one; `?organisation=` fills in the present head."""
    user: Any = request.user
    demand(perms.can_import_heads(user))
    town = None if user.has_role("operator") else user.municipality
    form = HeadForm(request.POST or None, municipality=town, initial=_present_head(request))
    form.cancel_url = reverse("vacancies:heads")
    form.helper = form.build_helper()
    if request.method == "POST" and form.is_valid():
        rows = [form.row()]
        errors = plan_heads(rows, municipality=town).errors
        if not errors:
            import_heads(rows, municipality=town, actor=user)
            messages.success(request, f"Сохранено: {form.cleaned_data['organisation']}.")
            return redirect("vacancies:heads")
        for _, words in errors:
            form.add_error(None, f"{words[:1].upper()}{words[1:]}.")
    return render(request, "vacancies/head.html", {"form": form})


def _present_head(request: HttpRequest) -> dict[str, Any]:
    asked = request.GET.get("organisation", "")
    if not asked.isdecimal():
        return {}
    heads = OrganisationHead.objects.current().visible_to(request.user)
    head = heads.filter(organisation=int(asked)).first()
    if head is None:
        return {"organisation": asked}
    names = ("organisation_id", "name", "since", "contract_until", "birth_year")
    return {name.removesuffix("_id"): getattr(head, name) for name in names}


def sample(request: HttpRequest) -> HttpResponseBase:
    """An empty table with the headings that the import reads."""
    demand(perms.can_import_heads(request.user))
    return generated_file(
        write_xlsx("Руководители", list(COLUMNS), [SAMPLE]), "Руководители.xlsx", SHEET_TYPE
    )
