"""How an application is put before people: steps, tones, words of the rules. Reads only."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.urls import reverse

from reserve_portal.accounts.enums import Role
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker
from reserve_portal.core.models import TransitionLog
from reserve_portal.core.navigation import Step
from reserve_portal.core.timeline import timeline_of
from reserve_portal.regulations.models import Deadline

from .enums import (
    APPLICATION_ENDED,
    APPLICATION_STATE_FOR_NOMINATOR,
    TRACK_STATE_FOR_CANDIDATE,
    TRACK_STATE_FOR_NOMINATOR,
    ApplicationState,
    NominationState,
    TrackState,
    Verdict,
)
from .models import Achievement, Application, ApplicationTrack, Campaign, Nomination
from .rules import Facts, judge
from .services.submission import term_is_over

TONES = {
    ApplicationState.DRAFT: "danger",
    ApplicationState.SUBMITTED: "success",
    ApplicationState.REGISTERED: "info",
    ApplicationState.CORRECTION: "warning",
    ApplicationState.REVIEWED: "info",
    ApplicationState.REFUSED: "danger",
    ApplicationState.WITHDRAWN: "neutral",
}
TRACK_TONES = {
    TrackState.NOT_ADMITTED: "danger",
    TrackState.ADMITTED: "success",
    TrackState.INVITED: "warning",
    TrackState.INCLUDED: "success",
    TrackState.NOT_INCLUDED: "warning",
}
VERDICT_TONES = {
    Verdict.ACCEPTED: "success",
    Verdict.CORRECT: "warning",
    Verdict.REFUSED: "danger",
    Verdict.EXCUSED: "info",
}
# What comes next and who acts, as the candidate reads it.
NEXT = {
    ApplicationState.SUBMITTED: "Оператор зарегистрирует заявление и пришлёт вам номер. От вас сейчас ничего не нужно.",
    ApplicationState.REGISTERED: "Оператор проверяет документы. Если что-то нужно исправить, придёт письмо.",
    ApplicationState.CORRECTION: "Исправьте отмеченные документы и отправьте их оператору.",
    ApplicationState.REVIEWED: "Документы проверены, дальше решает комиссия. О решении придёт письмо.",
    ApplicationState.REFUSED: "Заявление дальше не рассматривают. Причина — на странице заявления и в письме.",
    ApplicationState.WITHDRAWN: "Заявление отозвано. Пока идёт приём, можно подать новое.",
}
NEXT_ON_TRACK = {
    TrackState.ADMITTED: "Оператор назначит оценку и пришлёт приглашение не позже чем за неделю.",
    TrackState.INVITED: "Пройдите оценку в назначенное время. Место и порядок — в письме.",
    TrackState.NO_SHOW: "Если была уважительная причина, напишите оператору: он может назначить другую дату.",
    TrackState.ASSESSED: "Результаты рассматривает комиссия. О решении придёт письмо.",
    TrackState.INCLUDED: "Поздравляем. Дальше — раздел резерва в вашем кабинете.",
    TrackState.NOT_INCLUDED: "Причина и совет, как подготовиться, — в письме.",
}


@dataclass(frozen=True)
class Condition:
    """A condition of a requirement in words, with what it is made of."""

    title: str
    way: str
    parts: tuple["Condition", ...] = ()


def describe_rule(rule: dict[str, Any], names: Mapping[str, str]) -> Condition:
    """Say a requirement tree in words; `names` gives the documents' names by code."""
    for key, way in (("any", "одно из"), ("all", "всё вместе")):
        if key in rule:
            return Condition(
                str(rule.get("title", "")), way, tuple(describe_rule(part, names) for part in rule[key])
            )
    return Condition(judge(rule, Facts(on=clock.today(), document_names=names)).title, "")


def steps_of(application: Application, blockers: list[Blocker]) -> list[Step]:
    """The steps of a draft; a step is done when no blocker leads to its page. The first open one is current."""
    pages = (
        ("questionnaire", "Анкета"),
        ("education", "Образование"),
        ("employment", "Работа"),
        ("achievement", "Достижения"),
        ("choices", "Выдвижение и группы"),
        ("consents", "Согласия"),
        ("documents", "Документы"),
    )
    steps, current_given = [], False
    has_achievements = Achievement.objects.filter(profile__user=application.user_id).exists()
    for name, label in pages:
        url = reverse(f"candidates:{name}", args=[application.pk])
        missing = sum(blocker.url.startswith(url) for blocker in blockers)
        state = "todo" if missing or (name == "achievement" and not has_achievements) else "done"
        if missing and not current_given:
            state, current_given = "current", True
        note = f"осталось: {missing}" if missing else "по желанию" if name == "achievement" else "готово"
        steps.append(Step(label, state, note, url))
    submit = reverse("candidates:submit", args=[application.pk])
    return [*steps, Step("Проверка и подача", "todo" if current_given else "current", "", submit)]


def draft_term(application: Application) -> dict[str, Any]:
    """What a draft's pages say of its term: `term_is_over`, and then `next_campaign`, announced or running, if any."""
    over = term_is_over(application)
    following = None
    if over:
        others = Campaign.objects.public().filter(closes_at__gte=clock.now())
        following = others.exclude(pk=application.campaign_id).first()
    return {"term_is_over": over, "next_campaign": following}


def deadlines_of(application: Application, tracks: list[ApplicationTrack]) -> list[dict[str, Any]]:
    """Open limits of the case with who acts, soonest first."""
    rows = list(Deadline.objects.open().about(application).select_related("limit"))
    for track in tracks:
        rows += Deadline.objects.open().about(track).select_related("limit")
    return [
        {
            "deadline": row,
            "who": "вы" if row.responsible_user_id == application.user_id else _who(row.responsible),
        }
        for row in sorted(rows, key=lambda row: row.due_on)
    ]


def own_deadlines_of(application: Application) -> list[dict[str, Any]]:
    """Those of the application's open limits that the candidate answers for."""
    return [
        row
        for row in deadlines_of(application, [])
        if row["deadline"].responsible_user_id == application.user_id
    ]


def tracks_shown(application: Application, tracks: list[ApplicationTrack]) -> list[dict[str, Any]]:
    """Tracks with the words, the tone and the next step for the candidate, and whether they may be declined.

    A track that no body spoke about is not shown once the application has ended: nobody will decide on it.
    """
    from .workflow import TRACK

    ended = application.state in APPLICATION_ENDED
    return [
        {
            "track": track,
            "label": track.state_for_candidate,
            "tone": TRACK_TONES.get(TrackState(track.state), "info"),
            "next": NEXT_ON_TRACK.get(TrackState(track.state), ""),
            "may_decline": TRACK.is_open(track, "decline"),
        }
        for track in tracks
        if not (ended and track.state == TrackState.PENDING)
    ]


def history_of(application: Application, tracks: list[ApplicationTrack]) -> list[TransitionLog]:
    """What happened, oldest first; what was logged of the application and of its tracks at once is told once."""
    from .workflow import TRACK

    # A track begins by waiting for a decision, which is nothing that happened.
    rows = timeline_of([application, *tracks]).exclude(workflow=TRACK.name, transition="start")
    return [next(same) for _, same in groupby(rows, key=lambda row: (row.label, f"{row.at:%Y%m%d%H%M}"))]


def standing(application: Application, tracks: Collection[ApplicationTrack]) -> tuple[str, str]:
    """Where the case stands, as the candidate reads it, and the tone: the tracks' words once a body has spoken."""
    state = ApplicationState(application.state)
    spoken = list(
        dict.fromkeys(TrackState(track.state) for track in tracks if track.state != TrackState.PENDING)
    )
    if state != ApplicationState.REVIEWED or not spoken:
        return application.state_for_candidate, TONES[state]
    words = [TRACK_STATE_FOR_CANDIDATE[item] for item in spoken]
    if len(tracks) > 1 and len(words) > 1:
        words = [f"{track.target_group}: {track.state_for_candidate}" for track in tracks]
    return "; ".join(words), TRACK_TONES.get(spoken[0], "info")


def what_next(application: Application, tracks: list[ApplicationTrack]) -> str:
    """What happens next and who acts."""
    if application.state == ApplicationState.REVIEWED and tracks:
        words = {
            track: NEXT_ON_TRACK.get(
                TrackState(track.state),
                NEXT[ApplicationState.REVIEWED] if track.state == TrackState.PENDING else "",
            )
            for track in tracks
        }
        if len(set(words.values())) == 1:
            return words[tracks[0]]
        return " ".join(f"{track.target_group}: {text}" for track, text in words.items() if text)
    return NEXT.get(ApplicationState(application.state), "")


NOMINATION_TONES = {
    NominationState.INVITED: "info",
    NominationState.DECLINED: "warning",
    NominationState.WITHDRAWN: "neutral",
    NominationState.EXPIRED: "neutral",
}


def nomination_standing(nomination: Nomination) -> tuple[str, str]:
    """What a nominator reads of a nomination, the state alone (process.md 12), and the tone of its badge."""
    state, application = NominationState(nomination.state), nomination.application
    if application is None:
        if state == NominationState.INVITED and not nomination.campaign.is_receiving:
            state = NominationState.EXPIRED  # as it will be within a minute
        return str(state.label), NOMINATION_TONES.get(state, "success")
    if application.state != ApplicationState.REVIEWED:
        words = APPLICATION_STATE_FOR_NOMINATOR[ApplicationState(application.state)]
        return words, TONES[ApplicationState(application.state)] if application.submitted_at else "warning"
    tracks = list(dict.fromkeys(TrackState(track.state) for track in application.tracks.all()))
    words = "; ".join(TRACK_STATE_FOR_NOMINATOR[track] for track in tracks)
    return words, TRACK_TONES.get(tracks[0], "info") if tracks else "info"


def _who(role: str) -> str:
    return str(Role(role).label) if role in Role.values else role
