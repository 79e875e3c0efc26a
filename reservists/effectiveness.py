"""The reserve's indicators: from applications to the reserve, life in it, attestation, leaving (O7.3)."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, Q

from assessment.enums import Zone
from assessment.models import Result
from candidates.enums import ApplicationState, EducationField, EducationLevel
from candidates.models import Application, ApplicationTrack, Education, RegistrationEntry
from reserve_portal.core.models import TransitionLog

from .enums import AttestationState, ParticipationState, ReservistState
from .indicators import Count, Indicator, Scope, register_indicator
from .models import AttestationEntry, Participation, Reservist, SurveyAnswer
from .services.surveys import LEAST_ANSWERS

TRACK_GROUP = "target_group__code"


def _applied(scope: Scope) -> Count:
    rows = Application.objects.filter(submitted_at__range=scope.moments).exclude(state=ApplicationState.DRAFT)
    return Count(scope.narrow_applicants(rows, user="user", group=f"tracks__{TRACK_GROUP}"), "user")


def _registered(scope: Scope) -> Count:
    rows = RegistrationEntry.objects.filter(registered_at__range=scope.moments)
    group = f"application__tracks__{TRACK_GROUP}"
    return Count(scope.narrow_applicants(rows, user="application__user", group=group), "application__user")


def _stepped(scope: Scope, transition: str) -> Count:
    """People one of whose tracks made this step in time."""
    steps = TransitionLog.objects.filter(
        content_type=ContentType.objects.get_for_model(ApplicationTrack),
        transition=transition,
        at__range=scope.moments,
    )
    tracks = ApplicationTrack.objects.filter(pk__in=steps.values("object_id"))
    return Count(
        scope.narrow_applicants(tracks, user="application__user", group=TRACK_GROUP), "application__user"
    )


def _admitted(scope: Scope) -> Count:
    return _stepped(scope, "admit")


def _assessed(scope: Scope) -> Count:
    return _stepped(scope, "assess")


def _narrow_members(scope: Scope, rows: Any) -> Any:
    return scope.narrow(rows, group=TRACK_GROUP, municipality="municipality")


def _included(scope: Scope) -> Count:
    rows = Reservist.objects.filter(included_on__range=(scope.since, scope.until))
    return Count(_narrow_members(scope, rows), "user")


def _points_of_included(scope: Scope) -> Iterator[Fraction]:
    """Shares of the maximum with which people entered, of those who came through an assessment."""
    rows = _included(scope).rows.filter(track__isnull=False)
    return _per_cent(rows.values_list("track__results__points", "track__results__maximum"))


def _points_of_assessed(scope: Scope) -> Iterator[Fraction]:
    tracks = _assessed(scope).rows
    return _per_cent(Result.objects.filter(track__in=tracks).values_list("points", "maximum"))


def _per_cent(rows: Any) -> Iterator[Fraction]:
    for points, maximum in rows.iterator():
        if points is not None:
            yield Fraction(points) * 100 / Fraction(maximum)


def _experience(scope: Scope) -> Iterable[Fraction]:
    return map(Fraction, _included(scope).rows.values_list("managing_years", flat=True).iterator())


def _educated(scope: Scope) -> Count:
    """Of those included: a diploma of management, higher or retraining."""
    diplomas = Education.objects.filter(profile__user=OuterRef("user")).filter(
        Q(field=EducationField.MANAGEMENT) | Q(level=EducationLevel.RETRAINING)
    )
    return Count(_included(scope).rows.filter(Exists(diplomas)), "user")


def _members(scope: Scope) -> Count:
    """In the reserve on at least one day of the span, whatever has become of them since."""
    rows = Reservist.objects.filter(included_on__lte=scope.until).filter(
        Q(ended_on=None) | Q(ended_on__gte=scope.since)
    )
    return Count(_narrow_members(scope, rows), "user")


def _took_part(scope: Scope) -> Count:
    rows = Participation.objects.filter(
        reservist__in=_members(scope).rows,
        state=ParticipationState.CONFIRMED,
        event__starts_at__range=scope.moments,
    )
    return Count(rows, "reservist__user")


def _surveyed(scope: Scope) -> Count:
    """Answers of reservists to the surveys of the span; nobody knows whose they are."""
    rows = SurveyAnswer.objects.filter(given_on__range=(scope.since, scope.until), from_reserve=True)
    return Count(_narrow_members(scope, rows))


def _scores(scope: Scope) -> list[Fraction]:
    """Nothing below the number of answers that would tell whose they are."""
    scores = list(_surveyed(scope).rows.values_list("score", flat=True))
    return [Fraction(score) for score in scores] if len(scores) >= LEAST_ANSWERS else []


def _attested(scope: Scope) -> Count:
    rows = AttestationEntry.objects.filter(
        attestation__state=AttestationState.DECIDED,
        attestation__closes_on__range=(scope.since, scope.until),
        absent=False,
    )
    group = f"reservist__{TRACK_GROUP}"
    return Count(scope.narrow(rows, group=group, municipality="reservist__municipality"), "reservist__user")


def _confirmed(scope: Scope) -> Count:
    return Count(_attested(scope).rows.exclude(zone=Zone.RED), "reservist__user")


def _points_of_attested(scope: Scope) -> Iterator[Fraction]:
    return _per_cent(_attested(scope).rows.values_list("points", "maximum"))


def _left(scope: Scope) -> Count:
    rows = Reservist.objects.filter(state=ReservistState.EXCLUDED, ended_on__range=(scope.since, scope.until))
    return Count(_narrow_members(scope, rows), "user")


PEOPLE, PER_CENT, FULL_YEARS = "чел.", "% от максимума", "полных лет"

for _indicator in (
    Indicator(
        "applied",
        "Подали заявление",
        "O7.3",
        "Люди, подавшие хотя бы одно заявление за период.",
        _applied,
        unit=PEOPLE,
    ),
    Indicator(
        "registered",
        "Зарегистрированы",
        "O7.3",
        "Люди, чьё заявление внесено в журнал за период.",
        _registered,
        unit=PEOPLE,
    ),
    Indicator(
        "admitted",
        "Допущены к оценке",
        "O7.3",
        "Люди, допущенные хотя бы по одной целевой группе.",
        _admitted,
        unit=PEOPLE,
    ),
    Indicator(
        "assessed",
        "Прошли оценку",
        "O7.3",
        "Люди, получившие результат оценки за период.",
        _assessed,
        unit=PEOPLE,
    ),
    Indicator(
        "included",
        "Включены в резерв",
        "O7.3",
        "Люди, включённые решением с датой в этом периоде.",
        _included,
        unit=PEOPLE,
    ),
    Indicator(
        "selection",
        "Включены по отношению к подавшим заявление",
        "O7.3",
        "Включённые за период, делённые на подавших за период.",
        _included,
        whole=_applied,
    ),
    Indicator(
        "points_assessed",
        "Средний балл кандидатов",
        "O7.3",
        "Среднее долей от максимума у всех, кто получил результат за период.",
        _assessed,
        mean=_points_of_assessed,
        unit=PER_CENT,
    ),
    Indicator(
        "points_included",
        "Средний балл включённых",
        "O7.3",
        "Среднее долей от максимума, с которыми включены люди этого периода.",
        _included,
        mean=_points_of_included,
        unit=PER_CENT,
    ),
    Indicator(
        "experience",
        "Средний управленческий стаж включённых",
        "O7.3",
        "Полные годы руководства на день включения.",
        _included,
        mean=_experience,
        unit=FULL_YEARS,
    ),
    Indicator(
        "education",
        "Включённые с подготовкой по управлению",
        "O7.3",
        "Есть диплом по менеджменту и управлению или профессиональная переподготовка.",
        _educated,
        whole=_included,
    ),
    Indicator(
        "members",
        "Состояли в резерве",
        "O7.3",
        "Люди, состоявшие в резерве хотя бы один день периода.",
        _members,
        unit=PEOPLE,
    ),
    Indicator(
        "events",
        "Участвовали в мероприятиях и программах",
        "O7.3",
        "Состоявшие в резерве, чьё участие подтверждено хотя бы раз за период.",
        _took_part,
        whole=_members,
    ),
    Indicator(
        "satisfaction",
        "Удовлетворённость мероприятиями",
        "O7.3",
        "Среднее оценок от 1 до 5 в опросах резервистов после мероприятий; от трёх отзывов.",
        _surveyed,
        mean=_scores,
        unit="из 5",
    ),
    Indicator(
        "attested",
        "Подтвердили уровень на итоговой аттестации",
        "O7.3, O4.19",
        "Прошедшие утверждённую аттестацию с результатом не в красной зоне.",
        _confirmed,
        whole=_attested,
        needs="attestation",
    ),
    Indicator(
        "points_attested",
        "Средний балл итоговой аттестации",
        "O7.3, O4.20",
        "Среднее долей от максимума у прошедших утверждённую аттестацию.",
        _attested,
        mean=_points_of_attested,
        unit=PER_CENT,
        needs="attestation",
    ),
    Indicator(
        "left",
        "Исключены из резерва",
        "O6.1",
        "Люди, исключённые решением с датой в этом периоде.",
        _left,
        unit=PEOPLE,
    ),
):
    register_indicator(_indicator)
