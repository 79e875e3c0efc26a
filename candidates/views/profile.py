"""The questionnaire, diplomas and work: saved as one types, judged at once."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from reserve_portal.accounts.models import Municipality
from reserve_portal.accounts.schools import names_of

from .. import showing
from ..forms import AchievementForm, EducationForm, EmploymentForm, QuestionnaireForm
from ..models import Application, Profile
from ..services import applications as services
from ..services.judgement import service_in_words
from ..services.profiles import PROFILE_FIELDS
from ..services.submission import needed_names
from .applications import own_draft, posted

PAGES = {
    "education": {
        "form": EducationForm,
        "rows": "education",
        "add": services.add_education,
        "change": services.change_education,
        "remove": services.remove_education,
        "heading": "Образование",
        "add_heading": "Новый диплом",
        "change_heading": "Диплом",
        "added": "Диплом сохранён.",
        "removed": "Диплом удалён.",
    },
    "employment": {
        "form": EmploymentForm,
        "rows": "employment",
        "add": services.add_employment,
        "change": services.change_employment,
        "remove": services.remove_employment,
        "heading": "Работа",
        "add_heading": "Новый период работы",
        "change_heading": "Период работы",
        "added": "Период сохранён.",
        "removed": "Период удалён.",
    },
    "achievement": {
        "form": AchievementForm,
        "rows": "achievement_rows",
        "add": services.add_achievement,
        "change": services.change_achievement,
        "remove": services.remove_achievement,
        "heading": "Достижения",
        "add_heading": "Новое достижение",
        "change_heading": "Достижение",
        "added": "Достижение сохранено.",
        "removed": "Достижение удалено.",
    },
}


def questionnaire(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole questionnaire; without JavaScript it is saved by its button."""
    application = own_draft(request, pk)
    profile = services.get_profile(request.user)
    if request.method != "POST":
        return _questionnaire_page(request, application, profile, _form(application, profile))
    form = _form(application, profile, request.POST)
    form.is_valid()
    wanted = {
        name: value
        for name, value in form.cleaned_data.items()
        if name in PROFILE_FIELDS and request.POST.get(f"choose_{name}") != "theirs"
    }
    profile = Profile.objects.get(pk=profile.pk)  # the form's check has put its values into the other one
    try:
        profile = services.save_profile(profile, actor=request.user, version=_version(request), **wanted)
    except services.StaleProfile as stale:
        return _conflict_page(request, application, stale, form)
    if form.errors:
        messages.warning(request, "Остальное сохранено. Исправьте отмеченное.")
        return _questionnaire_page(request, application, profile, form)
    messages.success(request, "Анкета сохранена.")
    return redirect("candidates:questionnaire", pk=pk)


@require_safe
def schools(request: HttpRequest) -> JsonResponse:
    """Names of a municipality's organisations, suggested as the place of work."""
    key = request.GET.get("municipality", "")
    town = Municipality.objects.filter(pk=key, is_active=True).first() if key.isdecimal() else None
    return JsonResponse({"names": names_of(town)})


@require_POST
def save_field(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Save one field the moment it changes; answers with the words beside it."""
    if name not in PROFILE_FIELDS:
        raise Http404
    application = own_draft(request, pk)
    profile = services.get_profile(request.user)
    form = _form(application, Profile(user=application.user), request.POST)
    form.is_valid()
    context: dict[str, Any] = {"application": application, "name": name, "profile": profile}
    context["errors"] = form.errors.get(name, [])
    if not context["errors"]:
        try:
            context["profile"] = services.save_profile(
                profile, actor=request.user, version=_version(request), **{name: form.cleaned_data[name]}
            )
        except services.StaleProfile as stale:
            mine, theirs = _shown(stale.wanted[name], name), _shown(getattr(stale.profile, name), name)
            context |= {"profile": stale.profile, "mine": mine, "theirs": theirs}
            context |= {"raw": request.POST.get(name, ""), "conflict": True}
    context["judged"] = services.judge_application(application)
    return render(request, "candidates/includes/saved.html", {"conflict": False, **context})


def education(request: HttpRequest, pk: int) -> HttpResponse:
    """The diplomas."""
    return _rows_page(request, pk, "education")


def add_education(request: HttpRequest, pk: int) -> HttpResponse:
    """A new diploma."""
    return _row_page(request, pk, "education", None)


def change_education(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """A diploma changed."""
    return _row_page(request, pk, "education", row)


@require_POST
def remove_education(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """A diploma removed."""
    return _remove_row(request, pk, "education", row)


def employment(request: HttpRequest, pk: int) -> HttpResponse:
    """The periods of work."""
    return _rows_page(request, pk, "employment")


def add_employment(request: HttpRequest, pk: int) -> HttpResponse:
    """A new period of work."""
    return _row_page(request, pk, "employment", None)


def change_employment(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """A period of work changed."""
    return _row_page(request, pk, "employment", row)


@require_POST
def remove_employment(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """A period of work removed."""
    return _remove_row(request, pk, "employment", row)


def achievements(request: HttpRequest, pk: int) -> HttpResponse:
    """Awards, contests, projects, publications, courses."""
    return _rows_page(request, pk, "achievement")


def add_achievement(request: HttpRequest, pk: int) -> HttpResponse:
    """A new achievement."""
    return _row_page(request, pk, "achievement", None)


def change_achievement(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """An achievement changed."""
    return _row_page(request, pk, "achievement", row)


@require_POST
def remove_achievement(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """An achievement removed."""
    return _remove_row(request, pk, "achievement", row)


def _rows_page(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    application = own_draft(request, pk)
    rows = list(getattr(services.get_profile(request.user), str(PAGES[what]["rows"])).all())
    context = {
        "application": application,
        "heading": PAGES[what]["heading"],
        "rows": [
            {
                "row": row,
                "line": f"candidates/includes/row_{what}.html",
                "change_url": reverse(f"candidates:change_{what}", args=[pk, row.pk]),
                "remove_url": reverse(f"candidates:remove_{what}", args=[pk, row.pk]),
            }
            for row in rows
        ],
        "add_url": reverse(f"candidates:add_{what}", args=[pk]),
        "add_heading": PAGES[what]["add_heading"],
        "judged": services.judge_application(application),
        "service": service_in_words(rows, application) if what == "employment" else [],
        "on": application.campaign.closes_at,
    }
    return render(request, f"candidates/{what}.html", context)


def _row_page(request: HttpRequest, pk: int, what: str, row_pk: int | None) -> HttpResponse:
    application = own_draft(request, pk)
    profile = services.get_profile(request.user)
    page: Any = PAGES[what]
    row = None if row_pk is None else get_object_or_404(getattr(profile, page["rows"]), pk=row_pk)
    form = page["form"](posted(request), instance=row)
    form.cancel_url = reverse(f"candidates:{what}", args=[pk])
    if request.method == "POST" and form.is_valid():
        if row is None:
            page["add"](profile, actor=request.user, **form.cleaned_data)
        else:
            page["change"](row, actor=request.user, **form.cleaned_data)
        messages.success(request, page["added"])
        return redirect(f"candidates:{what}", pk=pk)
    context = {
        "application": application,
        "form": form,
        "heading": page["add_heading"] if row is None else page["change_heading"],
        "parent": page["heading"],
        "parent_url": reverse(f"candidates:{what}", args=[pk]),
    }
    return render(request, "candidates/row.html", context)


def _remove_row(request: HttpRequest, pk: int, what: str, row_pk: int) -> HttpResponse:
    own_draft(request, pk)
    page: Any = PAGES[what]
    row = get_object_or_404(getattr(services.get_profile(request.user), page["rows"]), pk=row_pk)
    page["remove"](row, actor=request.user)
    messages.success(request, page["removed"])
    return redirect(f"candidates:{what}", pk=pk)


def _form(application: Application, profile: Profile, data: Any = None) -> QuestionnaireForm:
    """The questionnaire whose fields save themselves where there is JavaScript."""
    form = QuestionnaireForm(data, instance=profile)
    for name, field in form.fields.items():
        field.widget.attrs.update(
            {
                "hx-post": reverse("candidates:save_field", args=[application.pk, name]),
                "hx-trigger": "change",
                "hx-target": f"#saved-{name}",
                "hx-include": "#id_version",
                "hx-sync": "closest form:queue all",
                "hx-params": f"{name},version",
            }
        )
    return form


def _questionnaire_page(
    request: HttpRequest, application: Application, profile: Profile, form: QuestionnaireForm
) -> HttpResponse:
    for name in needed_names(application):  # shown as needed, yet a draft may be saved without them
        form.fields[name].required = True
    groups = [(heading, [form[name] for name in names]) for heading, names in form.fieldsets]
    context = {
        "application": application,
        "profile": profile,
        "form": form,
        "groups": groups,
        "judged": services.judge_application(application),
        "schools": names_of(profile.municipality),
        **showing.draft_term(application),
    }
    return render(request, "candidates/questionnaire.html", context)


def _conflict_page(
    request: HttpRequest, application: Application, stale: services.StaleProfile, form: QuestionnaireForm
) -> HttpResponse:
    """Both values of every field that differs, and a choice; what was typed travels along."""
    differing = [
        {
            "name": name,
            "label": form.fields[name].label,
            "mine": _shown(value, name),
            "theirs": _shown(getattr(stale.profile, name), name),
        }
        for name, value in stale.wanted.items()
        if getattr(stale.profile, name) != value
    ]
    typed = [(name, request.POST.get(name, "")) for name in PROFILE_FIELDS]
    context = {
        "application": application,
        "version": stale.profile.version,
        "differing": differing,
        "typed": typed,
    }
    return render(request, "candidates/conflict.html", context, status=409)


def _version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isdigit() else -1


def _shown(value: Any, name: str) -> str:
    """A value of the questionnaire as people read it."""
    if value is None or value == "":
        return "пусто"
    if name == "no_criminal_record":
        return "нет" if value else "есть"
    if isinstance(value, bool):
        return "да" if value else "нет"
    if name in ("birth_date", "post_since"):
        return f"{value:%d.%m.%Y}"
    if name == "citizenship":
        return str(dict(Profile._meta.get_field(name).flatchoices).get(value, value))  # type: ignore[union-attr]
    return str(value)
