"""The member's side of a defence: nominees, concepts, own sheets, results."""

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from commissions.enums import MeetingState
from reserve_portal.audit.services import record_read
from reserve_portal.core.downloads import private_file

from .. import perms
from ..enums import SheetState
from ..forms import SheetForm
from ..models import Concept, ConceptDefence, Referral, ScoreSheet
from ..services.defence import issue_sheet, recused_from, save_sheet, scores_of
from .common import demand, succeeds


def own_defences(user: Any) -> Any:
    """Defences this person is called to."""
    return ConceptDefence.objects.filter(meeting__members__user=user).select_related(
        "meeting__body", "vacancy__organisation", "vacancy__municipality"
    )


def defences(request: HttpRequest) -> HttpResponse:
    """Defences I sit on, the latest first."""
    demand(request.user.has_role("commission"))  # type: ignore[union-attr]
    return render(request, "vacancies/defences.html", {"defences": own_defences(request.user)[:50]})


def defence(request: HttpRequest, pk: int) -> HttpResponse:
    """One defence: nominees I hear, their concepts, my sheets; the others' after mine are in; means after the end."""
    user: Any = request.user
    row = get_object_or_404(own_defences(user), pk=pk)
    out = recused_from(row)
    member = row.meeting.members.get(user=user)
    own = {sheet.referral_id: sheet for sheet in row.sheets.filter(member=member)}
    lines = (
        Referral.objects.filter(sheets__defence=row)
        .select_related("reservist__user")
        .prefetch_related(Prefetch("concepts", Concept.objects.standing()))
    )
    nominees = list(lines.distinct())
    heard = [item for item in nominees if (member.pk, item.pk) not in out]
    closed = row.meeting.state == MeetingState.CLOSED
    shown = perms.can_see_sheets(user, row)
    people = [
        {
            "referral": item,
            "concept": next(iter(item.concepts.all()), None),
            "sheet": own.get(item.pk),
            "scores": scores_of(row, item) if shown else None,
        }
        for item in heard
    ]
    context = {
        "defence": row,
        "meeting": row.meeting,
        "vacancy": row.vacancy,
        "people": people,
        "kept_out": len(nominees) - len(heard),
        "closed": closed,
        "is_open": row.meeting.state == MeetingState.OPEN,
        "shown": shown,
    }
    return render(request, "vacancies/defence.html", context)


def nominee(request: HttpRequest, pk: int) -> HttpResponse:
    """One nominee with concept and career, for those who decide; reading is recorded."""
    user: Any = request.user
    referral = get_object_or_404(
        Referral.objects.select_related(
            "reservist__user",
            "reservist__target_group",
            "reservist__track__application",
            "reservist__municipality",
            "vacancy__organisation",
            "vacancy__municipality",
            "vacancy__edition",
        ),
        pk=pk,
    )
    if not perms.can_see_nominee(user, referral):
        raise Http404
    concepts = list(referral.concepts.standing())
    record_read(referral, actor=user, person=referral.reservist.user, what="vacancies.read_nominee")
    track = referral.reservist.track
    hearings = perms.hearings_of(referral, user)
    may_read_career = perms.can_read_career(user, referral)
    snapshot = track.application.snapshot if track and may_read_career else {}
    sheet = ScoreSheet.objects.filter(
        referral=referral, member__user=user, defence__meeting__in=hearings
    ).last()
    context = {
        "referral": referral,
        "reservist": referral.reservist,
        "vacancy": referral.vacancy,
        "concepts": concepts,
        "may_read_concept": bool(concepts) and perms.can_read_concept(user, concepts[0]),
        "may_read_career": may_read_career,
        "education": snapshot.get("education", []),
        "employment": snapshot.get("employment", []),
        "profile": snapshot.get("profile", {}),
        "sheet": sheet,
        "defence": ConceptDefence.objects.filter(meeting__in=hearings).first(),
    }
    return render(request, "vacancies/nominee.html", context)


def concept(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out a version of a concept, out of quarantine, under a name of our own; reading is recorded."""
    row = get_object_or_404(
        Concept.objects.select_related("referral__reservist__user", "referral__vacancy"), pk=pk
    )
    if not row.may_be_opened or not perms.can_read_concept(request.user, row):
        raise Http404
    person = row.referral.reservist.user
    record_read(row, actor=request.user, person=person, what="vacancies.read_concept")
    name = f"Концепция {person.last_name} версия {row.version}.{row.kind}"
    return private_file(row.file, name, row.content_type)


def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """My sheet on one nominee: save it as a draft as often as I like, hand it in once (T10)."""
    user: Any = request.user
    row = get_object_or_404(
        ScoreSheet.objects.filter(member__user=user).select_related(
            "defence__meeting", "defence__vacancy__organisation", "referral__reservist__user", "member"
        ),
        pk=pk,
    )
    demand(perms.can_score(user, row))
    criteria = list(row.defence.criteria.all())
    form = SheetForm(request.POST or None, sheet=row, criteria=criteria)
    if request.method == "POST" and form.is_valid():
        hand_in = "hand_in" in request.POST

        def deed() -> None:
            save_sheet(
                row,
                actor=user,
                points=form.points(),
                comments=form.comments(),
                comment=form.cleaned_data["comment"],
                hand_in=hand_in,
            )

        if succeeds(request, deed, form):
            messages.success(
                request, "Лист сдан." if hand_in else "Черновик сохранён. Не забудьте сдать лист."
            )
            return (
                redirect("vacancies:defence", row.defence_id) if hand_in else redirect("vacancies:sheet", pk)
            )
    context = {
        "sheet": row,
        "form": form,
        "person": row.referral.reservist.user,
        "defence": row.defence,
        "is_handed_in": row.state == SheetState.HANDED_IN,
        "scores": list(row.scores.select_related("criterion")),
        "is_open": row.defence.meeting.state == MeetingState.OPEN,
        "is_over": row.defence.meeting.state in (MeetingState.CLOSED, MeetingState.CANCELLED),
        "back_url": reverse("vacancies:defence", args=[row.defence_id]),
    }
    return render(request, "vacancies/sheet.html", context)


@require_POST
def print_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """My sheet, handed in, as a paper to sign."""
    row = get_object_or_404(ScoreSheet.objects.filter(member__user=request.user.pk), pk=pk)
    papers: list[Any] = []
    if succeeds(request, lambda: papers.append(issue_sheet(row, actor=request.user))):
        return redirect("papers:download", papers[0].pk)
    return redirect("vacancies:sheet", pk)
