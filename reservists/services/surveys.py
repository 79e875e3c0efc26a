"""The short survey after an event: once for each participant, anonymous to whoever reads it (O7.3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from django.db import transaction
from django.db.models import Count

from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open

from ..enums import ParticipationState
from ..models import Event, Participation, Reservist, SurveyAnswer

SURVEY_DAYS = 14
LEAST_ANSWERS = 3  # fewer would tell whose answer it is
SCORES = {5: "отлично", 4: "хорошо", 3: "удовлетворительно", 2: "плохо", 1: "очень плохо"}


@dataclass(frozen=True)
class Summary:
    """What may be told of an event's survey; below LEAST_ANSWERS the number of answers alone."""

    asked: int
    answers: int
    mean: Fraction | None
    spread: tuple[tuple[str, int], ...]
    words: tuple[str, ...]

    @property
    def mean_text(self) -> str:
        """Rounded for the eye."""
        return (
            "" if self.mean is None else f"{float(self.mean):.2f}".rstrip("0").rstrip(".").replace(".", ",")
        )


def survey_until(participation: Participation) -> datetime:
    """The last moment of the survey: so many days after the event or, when that came later, its confirmation."""
    since = max(participation.event.ends_at, participation.changed_at)
    return clock.end_of(clock.local(since).date() + timedelta(days=SURVEY_DAYS))


def survey_blockers(participation: Participation) -> list[Blocker]:
    """What keeps a participant from answering: not confirmed, too early, too late, answered already."""
    if participation.answered:
        return [Blocker("Вы уже оставили отзыв. Спасибо!")]
    if participation.state != ParticipationState.CONFIRMED:
        return [Blocker("Отзыв оставляют те, чьё участие подтверждено.")]
    if clock.now() < participation.event.ends_at:
        return [Blocker("Отзыв можно оставить после окончания мероприятия.")]
    if clock.now() > survey_until(participation):
        return [Blocker("Время для отзыва истекло.")]
    return []


@transaction.atomic
def answer_survey(participation: Participation, *, score: int, words: str, actor: Any) -> None:
    """Store a participant's answer, 1 to 5 and words, without saying whose it is (O7.3).

    Raises GateShut with `survey_blockers`.
    """
    participation = (
        Participation.objects.select_for_update(of=("self",))
        .select_related("event", "reservist__user", "route__track__application__user")
        .get(pk=participation.pk)
    )
    require_open(survey_blockers(participation))
    participant = participation.participant
    member = isinstance(participant, Reservist)
    SurveyAnswer.objects.create(
        event=participation.event,
        score=score,
        words=words.strip(),
        from_reserve=member,
        target_group=participant.target_group
        if isinstance(participant, Reservist)
        else participant.track.target_group,
        municipality=participant.municipality if isinstance(participant, Reservist) else None,
    )
    Participation.objects.filter(pk=participation.pk).update(answered=True)
    record_event("reservists.answer_survey", participation, actor=actor, person=participation.person)


def unanswered(places: Any) -> list[Participation]:
    """Of these places (queryset) those whose survey is open."""
    since = clock.now() - timedelta(days=SURVEY_DAYS + 1)
    recent = places.filter(
        state=ParticipationState.CONFIRMED,
        answered=False,
        changed_at__gte=since,
        event__ends_at__lte=clock.now(),
    )
    return [item for item in recent if not survey_blockers(item)]


def survey_of(event: Event) -> Summary:
    """The survey's outcome: mean, spread and words once enough people have answered."""
    asked = event.participations.filter(state=ParticipationState.CONFIRMED).count()
    counts = dict(event.answers.order_by().values_list("score").annotate(Count("pk")))
    total = sum(counts.values())
    if total < LEAST_ANSWERS:
        return Summary(asked, total, None, (), ())
    mean = Fraction(sum(score * count for score, count in counts.items()), total)
    spread = tuple((f"{score} — {label}", counts.get(score, 0)) for score, label in SCORES.items())
    # In the order of the alphabet: that of the answers would tell who came first.
    words = event.answers.exclude(words="").order_by("words").values_list("words", flat=True)
    return Summary(asked, total, mean, spread, tuple(words))
