from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from reserve_portal.accounts.enums import Role
from reserve_portal.core.gates import Blocker, GateShut
from reserve_portal.core.timeline import timeline_of

from .. import meetings as services
from .. import perms
from ..counting import carried
from ..enums import Choice, ItemState, ListState
from ..forms import DIFFERENT, DiscussionForm, ReasonForm, VoteForm
from ..models import AgendaItem, DecisionLine, Material, MeetingMember, Vote
from ..motions import Motion, motion_of, table_row
from ..rules import Tally
from .common import confirm, done, require

LINES_PER_PAGE = 50


@dataclass
class LineView:
    """A line as one person may see it."""

    line: DecisionLine
    name: str
    cells: list[Any]
    proposal: str
    recused: bool
    recusals: list[Any]
    papers_url: str = ""
    conflict_url: str = ""
    tally: Tally | None = None
    decision: str = ""
    reason: str = ""
    result: Any = None
    field: Any = None


def item(request: HttpRequest, pk: int) -> HttpResponse:
    """One question of the agenda with its people; results only after the voting, none of a line I keep out of."""
    row = _find(request, pk)
    user: Any = request.user
    page = _page(request, row)
    member = perms.member_of(user, row.meeting)
    motion = motion_of(row.list)
    lines = _lines(row, page, motion, user, member)
    form = _vote_form(row, page, user, member) if perms.can_vote(user, row) else None
    if form is not None:
        for line in lines:
            name = f"{DIFFERENT}{line.line.pk}"
            line.field = form[name] if name in form.fields else None
    context = {
        "item": row,
        "meeting": row.meeting,
        "motion": motion,
        "notes": motion.notes(row.list),
        "page": page,
        "lines": lines,
        "headings": [heading for _, heading in motion.shown_columns(row.list)],
        "form": form,
        "my_choice": _my_choice(row, member),
        "silent": services.silent_members(row) if row.state == ItemState.VOTING else [],
        "results": perms.can_see_results(user, row),
        "is_member": member is not None,
        "deeds": _deeds(user, row),
        "blockers": services.voting_blockers(row.meeting) if perms.can_open_voting(user, row) else [],
        "discussion": _discussion_form(user, row),
        "opinions": [vote for vote in row.votes.all() if vote.opinion],
        "materials": _materials(row, user),
        "corrections": row.corrections.exclude(state=ListState.DRAFT),
        "timeline": timeline_of([row]),
    }
    return render(request, "commissions/item.html", context)


@require_POST
def vote(request: HttpRequest, pk: int) -> HttpResponse:
    """Cast or change my voice; voices on people of other pages stay."""
    row = _find(request, pk)
    user: Any = request.user
    require(perms.can_vote(user, row))
    member = perms.member_of(user, row.meeting)
    page = _page(request, row)
    shown = _votable(row, page, member)
    form = VoteForm(request.POST, lines=shown)
    if form.is_valid():
        here = {line.pk for line in shown}
        kept = {pk: choice for pk, choice in _own_votes(row, member).items() if pk not in here}
        given = {
            "choice": form.cleaned_data["choice"],
            "differing": kept | form.differing(),
            "opinion": form.cleaned_data["opinion"],
        }
        done(request, services.cast_vote, row, user=user, said="Ваш голос принят.", **given)
    else:
        done(request, _refuse_empty, said="")
    return redirect(f"{reverse('commissions:item', args=[pk])}?page={page.number}")


@require_POST
def open_voting(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the voting on an item."""
    row = _find(request, pk)
    require(perms.can_open_voting(request.user, row))
    done(request, services.open_voting, row, actor=request.user, said="Голосование начато.")
    return redirect("commissions:item", pk)


@require_POST
def close_voting(request: HttpRequest, pk: int) -> HttpResponse:
    """End the voting on an item."""
    row = _find(request, pk)
    require(perms.can_close_voting(request.user, row))
    done(request, services.close_voting, row, actor=request.user, said="Голосование закончено, итоги видны.")
    return redirect("commissions:item", pk)


def reopen_voting(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the voting up again, with a reason."""
    row = _find(request, pk)
    require(perms.can_reopen_voting(request.user, row))
    effects = [
        "Голоса сохранятся, их можно будет изменить.",
        "Итоги снова будут скрыты до конца голосования.",
    ]
    return _with_reason(
        request, row, "Возобновить голосование", effects, services.reopen_voting, "Голосование возобновлено."
    )


def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an item off the agenda, with a reason."""
    row = _find(request, pk)
    require(perms.can_remove_item(request.user, row))
    effects = [f"Вопрос не войдёт в протокол: {row}.", "Список будет ждать другого заседания."]
    return _with_reason(
        request,
        row,
        "Снять вопрос с повестки",
        effects,
        services.remove_from_agenda,
        "Вопрос снят с повестки.",
    )


@require_POST
def discussion(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep who spoke and about what."""
    row = _find(request, pk)
    require(perms.can_save_discussion(request.user, row))
    form = DiscussionForm(request.POST)
    if form.is_valid():
        text = form.cleaned_data["text"]
        done(request, services.save_discussion, row, text=text, actor=request.user, said="Запись сохранена.")
    return redirect("commissions:item", pk)


def _refuse_empty() -> None:
    raise GateShut([Blocker("Выберите голос по вопросу в целом: «за», «против» или «воздержался».")])


def _find(request: HttpRequest, pk: int) -> AgendaItem:
    rows = (
        AgendaItem.objects.visible_to(request.user)
        .select_related("meeting__body", "meeting__edition", "list__edition", "list__corrects__meeting")
        .prefetch_related(
            "meeting__members", "voters", "recusals__member", "votes__member", "materials__line"
        )
    )
    return get_object_or_404(rows, pk=pk)


def _page(request: HttpRequest, row: AgendaItem) -> Page:
    number = request.POST.get("page") or request.GET.get("page")
    return Paginator(row.list.lines.prefetch_related("subject"), LINES_PER_PAGE).get_page(number)


def _recused_lines(row: AgendaItem, member: MeetingMember | None) -> set[int]:
    return {recusal.line_id for recusal in row.recusals.all() if member and recusal.member_id == member.pk}


def _votable(row: AgendaItem, page: Page, member: MeetingMember | None) -> list[DecisionLine]:
    recused = _recused_lines(row, member)
    return [line for line in page if line.pk not in recused]


def _own_votes(row: AgendaItem, member: MeetingMember | None) -> dict[int, str]:
    own = [vote for vote in row.votes.all() if member and vote.member_id == member.pk]
    return {vote.line_id: vote.choice for vote in own if vote.line_id is not None}


def _my_choice(row: AgendaItem, member: MeetingMember | None) -> str:
    """My own voice in words: on the whole item and where it differs for a person; or nothing."""
    mine = _my_vote(row, member)
    if mine is None:
        return ""
    own = _own_votes(row, member)
    apart = [
        f"{line.label} — {Choice(own[line.pk]).label}"
        for line in row.list.lines.filter(pk__in=own).order_by("order")
    ]
    words = str(Choice(mine.choice).label)
    return f"{words}; отдельно: {', '.join(apart)}" if apart else words


def _my_vote(row: AgendaItem, member: MeetingMember | None) -> Vote | None:
    return next(
        (vote for vote in row.votes.all() if member and vote.member_id == member.pk and vote.line_id is None),
        None,
    )


def _materials(row: AgendaItem, user: Any) -> list[Material]:
    """Files for the voters, without those about people from whom I keep out."""
    return [material for material in row.materials.all() if perms.can_read_material(user, material)]


def _vote_form(row: AgendaItem, page: Page, user: Any, member: MeetingMember | None) -> VoteForm:
    own = {f"{DIFFERENT}{pk}": choice for pk, choice in _own_votes(row, member).items()}
    mine = _my_vote(row, member)
    whole = {"choice": mine.choice, "opinion": mine.opinion} if mine else {}
    return VoteForm(lines=_votable(row, page, member), initial={**whole, **own})


def _lines(
    row: AgendaItem, page: Page, motion: Motion, user: Any, member: MeetingMember | None
) -> list[LineView]:
    recused = _recused_lines(row, member)
    study = set(perms.lines_to_study(user).filter(list=row.list_id).values_list("pk", flat=True))
    open_to_conflicts = perms.can_declare_conflict(user, row)
    shown = list(page)
    counted = services.tallies_of(row, shown) if perms.can_see_results(user, row) else {}
    stored = {result.line_id: result for result in row.results.filter(line__in=shown)} if counted else {}
    views, columns = [], motion.shown_columns(row.list)
    for line in shown:
        keeps_out = line.pk in recused
        view = LineView(
            **table_row(line, columns),
            proposal=motion.yes if line.proposal else motion.no,
            recused=keeps_out,
            recusals=[recusal for recusal in row.recusals.all() if recusal.line_id == line.pk],
            papers_url=motion.papers_url(line) if line.pk in study else "",
        )
        if open_to_conflicts and not keeps_out:
            view.conflict_url = reverse("commissions:conflict", args=[row.pk, line.pk])
        if line.pk in counted and not keeps_out:
            _add_result(view, row, motion, counted[line.pk], stored.get(line.pk))
        views.append(view)
    return views


def _add_result(view: LineView, row: AgendaItem, motion: Motion, counted: Any, stored: Any) -> None:
    """What the voices came to: as stored at the closing, before it as counted now."""
    if stored is not None:
        view.result = stored
        view.tally = Tally(stored.members, stored.present, stored.in_favour, stored.against, stored.abstained)
        outcome, view.reason = stored.outcome, stored.reason
    else:
        view.tally = counted[0]
        outcome = view.line.standing if carried(row.meeting, counted) else not view.line.standing
    view.decision = motion.yes if outcome else motion.no


def _deeds(user: Any, row: AgendaItem) -> dict[str, bool]:
    return {
        "open_voting": perms.can_open_voting(user, row),
        "close_voting": perms.can_close_voting(user, row),
        "reopen_voting": perms.can_reopen_voting(user, row),
        "remove": perms.can_remove_item(user, row),
        "remind": perms.can_remind_silent(user, row),
        "materials": perms.can_change_materials(user, row),
        "extract": user.has_any_role(Role.OPERATOR, Role.AUDITOR) or perms.can_run_meeting(user, row.meeting),
        "correct": perms.can_correct(user, row),
    }


def _discussion_form(user: Any, row: AgendaItem) -> DiscussionForm | None:
    if not perms.can_save_discussion(user, row):
        return None
    form = DiscussionForm(initial={"text": row.discussion})
    form.helper.form_action = reverse("commissions:discussion", args=[row.pk])
    return form


def _with_reason(
    request: HttpRequest, row: AgendaItem, title: str, effects: list[str], service: Any, said: str
) -> HttpResponse:
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done(request, service, row, actor=request.user, reason=form.cleaned_data["reason"], said=said)
        return redirect("commissions:meeting", row.meeting_id)
    back = reverse("commissions:item", args=[row.pk])
    return confirm(request, title, effects, form, back, label=title)
