"""The individual learning route of those below the threshold (T5): drafted, edited, approved and sent."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from assessment.enums import RouteState
from assessment.models import LearningRoute, Programme, Result, RouteItem
from assessment.rules import weak_sections
from assessment.workflow import ROUTE
from candidates.models import ApplicationTrack
from reserve_portal.audit.services import record_event
from reserve_portal.core import calendar, clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.models import TransitionLog
from reserve_portal.core.templatetags.portal import points as shown
from reserve_portal.core.templatetags.portal import ru_date
from reserve_portal.notifications.services import send_letter
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.services import issue_paper


def decision_day(track: ApplicationTrack) -> date | None:
    """The day on which inclusion was refused, by the log of the track; None where it was not."""
    row = (
        TransitionLog.objects.about(track)
        .filter(workflow="track", transition="not_include")
        .order_by("-pk")
        .first()
    )
    return clock.local(row.at).date() if row else None


def possible_from(track: ApplicationTrack) -> date:
    """The first day on which inclusion is possible again: the edition's months after the decision's day (T5)."""
    edition = track.application.campaign.edition
    return calendar.plus_months(decision_day(track) or clock.today(), edition.value("wait_months"))


@transaction.atomic
def draft_route(track: ApplicationTrack, *, actor: Any) -> LearningRoute | None:
    """Draft the route of a person below the threshold from the weak directions and the catalogue (T5).

    Returns the route already there, or None where the edition has no routes, there is no result, or it was passed.
    """
    edition = track.application.campaign.edition
    found = Result.objects.filter(track=track).select_related("procedure")
    result = found.prefetch_related("scores__section").order_by("-pk").first()
    if not edition.value("learning_route") or result is None or result.passed:
        return None
    existing = LearningRoute.objects.filter(track=track).first()
    if existing is not None:
        return existing
    weak = weak_scores(result)
    route = LearningRoute.objects.create(
        track=track,
        result=result,
        deficits="\n".join(deficit_words(score) for score in weak),
        possible_from=possible_from(track),
    )
    ROUTE.start(route, actor=actor, label="Проект маршрута составлен")
    names = {score.section.code: score.section.name for score in weak}
    programmes = programmes_for(names)
    items = [
        RouteItem(
            route=route,
            section_name=names[code],
            programme=row.name,
            organiser=row.organiser,
            hours=row.hours,
        )
        for code in names
        for row in programmes.get(code, [])
    ]
    RouteItem.objects.bulk_create(items)
    record_event(
        "assessment.draft_route", route, actor=actor, person=track.application.user, items=len(items)
    )
    return route


def weak_scores(result: Result, percent: Decimal | None = None) -> list[Any]:
    """The directions of a result below the threshold (or `percent` of their maximum), the weakest share first."""
    scores = {score.section.code: score for score in result.scores.all()}
    shares = {code: (score.exact, score.section.maximum) for code, score in scores.items()}
    border = result.procedure.threshold_percent if percent is None else percent
    return [scores[code] for code in weak_sections(shares, border)]


def programmes_for(codes: Iterable[str]) -> dict[str, list[Programme]]:
    """Programmes and events on offer for these directions, by code."""
    found: dict[str, list[Programme]] = {}
    for row in Programme.objects.filter(is_active=True, section_code__in=list(codes)):
        found.setdefault(row.section_code, []).append(row)
    return found


def deficit_words(score: Any) -> str:
    """A direction below the threshold, in words."""
    share = (score.points * 100 / score.section.maximum).quantize(Decimal("0.1"))
    return f"{score.section.name}: {shown(score.points)} из {shown(score.section.maximum)} баллов ({shown(share)} %)"


@transaction.atomic
def change_route(
    route: LearningRoute, *, deficits: str, words: str, items: Sequence[Mapping[str, Any]], actor: Any
) -> None:
    """Replace the text and the items of a draft; items are rows of section_name, programme, organiser, hours.

    Raises GateShut for a route already sent or an item without a name.
    """
    row = LearningRoute.objects.select_for_update().get(pk=route.pk)
    blockers = []
    if row.state != RouteState.DRAFT:
        blockers.append(Blocker("Маршрут уже отправлен и больше не меняется."))
    if not deficits.strip():
        blockers.append(Blocker("Укажите дефициты.", field="deficits"))
    blockers += [
        Blocker("Назовите программу или мероприятие.", field="items")
        for item in items
        if not item["programme"].strip()
    ]
    require_open(blockers)
    row.deficits, row.words = deficits.strip(), words.strip()
    row.save(update_fields=["deficits", "words"])
    row.items.all().delete()
    RouteItem.objects.bulk_create([RouteItem(route=row, **item) for item in items])
    record_event(
        "assessment.change_route", row, actor=actor, person=row.track.application.user, items=len(items)
    )
    route.refresh_from_db()


def route_blockers(route: LearningRoute) -> list[Blocker]:
    """What keeps a route from being approved and sent."""
    blockers = []
    if route.state != RouteState.DRAFT:
        blockers.append(Blocker("Маршрут уже отправлен."))
    if not route.items.exists():
        blockers.append(Blocker("В маршруте нет ни одной программы или мероприятия."))
    if decision_day(route.track) is None:
        blockers.append(Blocker("Решение о включении ещё не принято."))
    return blockers


@transaction.atomic
def send_route(route: LearningRoute, *, actor: Any) -> IssuedPaper:
    """Approve a route, issue its PDF and tell the person by letter (T5). Raises GateShut."""
    row = LearningRoute.objects.select_for_update().get(pk=route.pk)
    require_open(route_blockers(row))
    ROUTE.apply(row, "send", actor=actor)
    user = row.track.application.user
    edition = row.track.application.campaign.edition
    paper = issue_paper(
        "learning_route",
        row,
        {
            "route": row,
            "items": list(row.items.all()),
            "deficits": row.deficits.splitlines(),
            "person": user,
            "edition": edition,
            "procedure": row.result.procedure,
            "result": row.result,
            "signer": actor,
        },
        actor=actor,
        person=user,
    )
    send_letter(
        "route.sent",
        to=user,
        key=f"route.sent:{row.pk}",
        values={
            "possible_from": ru_date(row.possible_from),
            "items": "\n".join(f"— {item.programme}" for item in row.items.all()),
        },
        about=row,
    )
    record_event("assessment.send_route", row, actor=actor, person=user, paper=paper.number)
    route.refresh_from_db()
    return paper
