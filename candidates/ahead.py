"""What lies ahead of a submitted application, as its candidate reads it: what, who acts, by when. Reads only."""

from dataclasses import dataclass, field

from reserve_portal.core.words import clause_in_words
from reserve_portal.pages.texts import limit_words
from reserve_portal.regulations.enums import Decision
from reserve_portal.regulations.models import Deadline, Edition

from .enums import ApplicationState, TrackState
from .models import Application, ApplicationTrack

YOU, OPERATOR = "вы", "оператор"


@dataclass(frozen=True)
class Stage:
    """A stage of the way: `who` acts, or the bodies that take `decision`; its limit runs from `starts` to `closes`."""

    what: str
    who: str = OPERATOR
    decision: str = ""
    starts: str = ""
    closes: str = ""


@dataclass
class Ahead:
    """A stage that lies ahead; `deadlines` are dated already, `term` says in words what the edition sets for it."""

    what: str
    who: str
    term: str = ""
    deadlines: list[Deadline] = field(default_factory=list)


CORRECTION = Stage(
    "Исправить отмеченные документы", YOU, starts="correction.requested", closes="correction.done"
)
WAY = (
    Stage("Зарегистрировать заявление", starts="application.submitted", closes="application.registered"),
    Stage("Проверить документы", starts="application.registered", closes="application.reviewed"),
    Stage("Решить о допуске к оценке", decision=Decision.ADMISSION),
    Stage("Пригласить на оценку", starts="procedure.scheduled", closes="procedure.invited"),
    Stage("Пройти оценку", YOU),
    Stage(
        "Решить о включении в резерв",
        decision=Decision.INCLUSION,
        starts="procedure.ended",
        closes="procedure.list_approved",
    ),
)
BY_APPLICATION = {
    ApplicationState.SUBMITTED: 0,
    ApplicationState.REGISTERED: 1,
    ApplicationState.CORRECTION: 1,
}
BY_TRACK = {
    TrackState.PENDING: 2,
    TrackState.ADMITTED: 3,
    TrackState.INVITED: 4,
    TrackState.NO_SHOW: 4,
    TrackState.ASSESSED: 5,
}


def what_lies_ahead(
    application: Application, tracks: list[ApplicationTrack], deadlines: list[Deadline]
) -> list[Ahead]:
    """Return the stages that are still to come, the present one first; none once everything is decided.

    `deadlines` are the open ones of the case: each stands at its stage, one of the person's own that belongs to none at
    the first; the inner limits of others are not told. Where target groups stand apart, the way is that of the one that
    is least far.
    """
    stages = _stages_left(application, tracks)
    if not stages:
        return []
    edition = application.campaign.edition
    limits = {(row.starts, row.closes): row for row in edition.time_limits.all()}
    ahead = []
    for stage in stages:
        own = [row for row in deadlines if stage.closes and row.limit.closes == stage.closes]
        limit = limits.get((stage.starts, stage.closes))
        term = f"{limit_words(limit)} ({clause_in_words(limit.clause)})" if limit and not own else ""
        who = _bodies(edition, stage.decision) if stage.decision else stage.who
        ahead.append(Ahead(stage.what, who, term, own))
    placed = {row.pk for step in ahead for row in step.deadlines}
    ahead[0].deadlines += [
        row for row in deadlines if row.pk not in placed and row.responsible_user_id == application.user_id
    ]
    return ahead


def _stages_left(application: Application, tracks: list[ApplicationTrack]) -> list[Stage]:
    state = ApplicationState(application.state)
    if state in BY_APPLICATION:
        first = BY_APPLICATION[state]
    elif state == ApplicationState.REVIEWED:
        standing = [
            BY_TRACK[TrackState(track.state)] for track in tracks if TrackState(track.state) in BY_TRACK
        ]
        if not standing:
            return []
        first = min(standing)
    else:
        return []
    left = list(WAY[first:])
    return [CORRECTION, *left] if state == ApplicationState.CORRECTION else left


def _bodies(edition: Edition, decision: str) -> str:
    """The bodies that decide, in their order."""
    names = {rule.code: rule.name for rule in edition.body_rules.all()}
    links = edition.chain_links.filter(decision=decision)
    return ", затем ".join(names.get(link.body, link.body) for link in links) or "комиссия"
