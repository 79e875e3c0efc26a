"""Deeds on one procedure: appoint, invite, questions, no-shows, sheet, result by hand, second date."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404

from assessment.enums import ProcedureState
from assessment.forms import QuestionsForm, ReasonForm, ResultForm, SecondDateForm
from assessment.models import Procedure, Result
from assessment.rules import shown_points
from assessment.services.absences import absent_invitations, mark_no_shows, no_show_blockers
from assessment.services.exports import export_results
from assessment.services.invitations import (
    appoint_second_date,
    invite_blockers,
    invite_candidates,
    publish_questions,
    question_blockers,
    undo_decline,
    waiting_tracks,
)
from assessment.services.procedures import schedule_blockers, schedule_procedure
from assessment.services.results import issue_results_sheet, known_scores, store_result
from candidates.models import ApplicationTrack
from reserve_portal.core.downloads import generated_file
from reserve_portal.core.gates import Blocker
from reserve_portal.core.tables import SHEET_TYPE
from reserve_portal.core.templatetags.portal import ru_moment

from .base import attempt, deed, page, procedure_url, require_operator

NAMED = 20  # how many people a confirmation names


def schedule(request: HttpRequest, pk: int) -> HttpResponse:
    """Appoint the date (T3)."""
    row = _procedure(request, pk)
    return deed(
        request,
        title=f"Назначить: {row.name}",
        effects=[
            f"Процедура пройдёт с {ru_moment(row.starts_at)} по {ru_moment(row.ends_at)}.",
            "Она появится на сайте; начнут идти сроки приглашения и публикации вопросов.",
            "Порог, зоны и направления можно менять до начала, потом они закрепляются.",
        ],
        blockers=lambda: schedule_blockers(row),
        service=lambda: schedule_procedure(row, actor=request.user),
        done="Процедура назначена.",
        submit_label="Назначить",
        back=procedure_url(pk),
    )


def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Invite everybody admitted; blocked after the last day with the earliest possible start (T3)."""
    row = _procedure(request, pk)
    waiting = waiting_tracks(row)
    return deed(
        request,
        title=f"Пригласить на процедуру: {row.name}",
        effects=[
            f"Каждому уйдёт письмо: начало {ru_moment(row.starts_at)}, {row.place}.",
            "После этого даты процедуры не меняются.",
        ],
        items=[track.application.user.full_name for track in waiting[:NAMED]],
        count=waiting.count(),
        blockers=lambda: invite_blockers(row),
        service=lambda: invite_candidates(row, actor=request.user),
        done="Приглашения отправлены.",
        submit_label="Пригласить",
        back=procedure_url(pk),
    )


def no_shows(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark the absent after the end."""
    row = _procedure(request, pk)
    absent = absent_invitations(row)
    return deed(
        request,
        title=f"Отметить неявку: {row.name}",
        effects=["Каждому уйдёт письмо. По уважительной причине потом можно назначить вторую дату."],
        items=[item.track.application.user.full_name for item in absent[:NAMED]],
        count=absent.count(),
        blockers=lambda: no_show_blockers(row),
        service=lambda: mark_no_shows(row, actor=request.user),
        done="Неявка отмечена.",
        submit_label="Отметить неявку",
        back=procedure_url(pk),
        danger=True,
    )


def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Issue the sheet of results."""
    row = _procedure(request, pk)

    def blockers() -> list[Blocker]:
        return [] if row.results.exists() else [Blocker("Результатов ещё нет.")]

    return deed(
        request,
        title=f"Выдать ведомость: {row.name}",
        effects=["Ведомость получит номер и больше не изменится. После исправлений выдайте новую."],
        blockers=blockers,
        service=lambda: issue_results_sheet(row, actor=request.user),
        done="Ведомость выдана.",
        submit_label="Выдать",
        back=procedure_url(pk),
    )


def export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """All results as a table in the columns of Moodle's gradebook."""
    row = _procedure(request, pk)
    books: list[bytes] = []
    for blocker in attempt(lambda: books.append(export_results(row, actor=request.user))):
        messages.error(request, blocker.text)
    if not books:
        return HttpResponseRedirect(procedure_url(pk))
    return generated_file(books[0], f"Результаты {row.name}.xlsx", SHEET_TYPE)


def questions(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish sample questions for everybody (T3)."""
    require_operator(request)
    row = _procedure(request, pk)
    shut = question_blockers(row)
    form = QuestionsForm(request.POST or None, initial={"text": row.sample_questions})
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        if not attempt(lambda: publish_questions(row, text=text, actor=request.user), form):
            messages.success(request, "Примерные вопросы опубликованы.")
            return HttpResponseRedirect(procedure_url(pk))
    context = {
        "title": f"Примерные вопросы: {row.name}",
        "form": None if shut else form,
        "blockers": shut,
        "back": procedure_url(pk),
    }
    return page(request, "admin/assessment/form.html", context)


def result(request: HttpRequest, pk: int, track: int) -> HttpResponse:
    """Store or correct one result by hand (T4)."""
    require_operator(request)
    row, person = _procedure(request, pk), _track(request, pk, track)
    stored = Result.objects.filter(procedure=row, track=person).prefetch_related("scores").first()
    invitation = row.invitations.get(track=person)
    sections = row.typed_sections
    known = known_scores(invitation, stored)
    form = ResultForm(
        request.POST or None,
        sections=sections,
        corrects=any(section.pk in known for section in sections),
        partly=row.is_mixed,
        initial={
            f"section_{section.pk}": shown_points(known[section.pk]).normalize()
            for section in sections
            if section.pk in known
        },
    )
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data.get("reason", "")

        def service() -> None:
            store_result(row, track=person, scores=form.scores(), actor=request.user, reason=reason)

        if not attempt(service, form):
            messages.success(request, "Результат сохранён.")
            return HttpResponseRedirect(procedure_url(pk))
    title = f"{'Исправить результат' if stored else 'Внести результат'}: {person.application.user.full_name}"
    return page(
        request, "admin/assessment/form.html", {"title": title, "form": form, "back": procedure_url(pk)}
    )


def second_date(request: HttpRequest, pk: int, track: int) -> HttpResponse:
    """Invite somebody absent to another procedure of the campaign, for a reason."""
    require_operator(request)
    row, person = _procedure(request, pk), _track(request, pk, track)
    others = Procedure.objects.filter(campaign=row.campaign, state=ProcedureState.SCHEDULED).exclude(
        invitations__track=person
    )
    form = SecondDateForm(request.POST or None, procedures=others)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data

        def service() -> None:
            appoint_second_date(
                person, procedure=data["procedure"], actor=request.user, reason=data["reason"]
            )

        if not attempt(service, form):
            messages.success(request, "Вторая дата назначена, письмо отправлено.")
            return HttpResponseRedirect(procedure_url(pk))
    blockers = [] if others.exists() else [Blocker("Сначала создайте и назначьте процедуру на другую дату.")]
    context = {
        "title": f"Вторая дата: {person.application.user.full_name}",
        "form": None if blockers else form,
        "blockers": blockers,
        "back": procedure_url(pk),
    }
    return page(request, "admin/assessment/form.html", context)


def undo(request: HttpRequest, pk: int, track: int) -> HttpResponse:
    """Bring back somebody who declined, for a reason."""
    require_operator(request)
    person = _track(request, pk, track)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if not attempt(lambda: undo_decline(person, actor=request.user, reason=reason), form):
            messages.success(request, "Кандидат снова допущен к оценке: пригласите его.")
            return HttpResponseRedirect(procedure_url(pk))
    title = f"Вернуть к оценке: {person.application.user.full_name}"
    return page(
        request, "admin/assessment/form.html", {"title": title, "form": form, "back": procedure_url(pk)}
    )


def _procedure(request: HttpRequest, pk: int) -> Procedure:
    require_operator(request)
    return get_object_or_404(Procedure.objects.select_related("campaign__edition"), pk=pk)


def _track(request: HttpRequest, procedure: int, pk: int) -> Any:
    """Somebody invited to the procedure; nobody touches the own result."""
    track = (
        ApplicationTrack.objects.filter(pk=pk, invitations__procedure=procedure)
        .select_related("application__user", "application__campaign")
        .first()
    )
    if track is None:
        raise Http404
    if track.application.user_id == request.user.pk:
        raise PermissionDenied
    return track
