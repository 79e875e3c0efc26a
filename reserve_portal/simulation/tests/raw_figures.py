"""The indicators of O7.3 counted over again from the raw events: plain loops, none of what the portal counts with."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from candidates.models import Education
from reserve_portal.core import clock
from reserve_portal.core.models import TransitionLog
from reservists.models import AttestationEntry, Participation, Reservist, SurveyAnswer

Told = list[tuple[Any, TransitionLog]]


def figures_of(year: int, group: str = "") -> dict[str, str]:
    """Each indicator of a year as its page shows it; with `group` those of one target group alone."""
    tracks = [(row, log) for row, log in _told("track", year) if not group or _group(row) == group]
    members = [row for row in Reservist.objects.all() if not group or _group(row) == group]
    steps = [(row, log) for row, log in _told("reservist", year) if row in members]
    included = {row for row, log in steps if log.from_state == "" and not _came_from_earlier(log, year)}
    assessed = {row for row, log in tracks if log.transition == "assess"}
    admitted = {row.application.user_id for row, log in tracks if log.transition == "admit"}
    left = {row.user_id for row, log in steps if log.to_state == "excluded"}
    people = {row.user_id for row in members}
    there = {row.reservist for row in _taken_part(year) if row.reservist in members}
    applied = _applicants(year, "submit", group)
    educated = {row for row in included if _has_managed_to_learn(row)}
    entries = [row for row in _attested(year) if row.reservist in members]
    passed = {row.reservist.user_id for row in entries if row.zone != "red"}
    filled, own = _appointed(year, group)
    scores = [
        Fraction(row.score)
        for row in SurveyAnswer.objects.all()
        if row.from_reserve and row.given_on.year == year and (not group or _group(row) == group)
    ]
    return {
        "applied": f"{len(applied)} чел.",
        "registered": f"{len(_applicants(year, 'register', group))} чел.",
        "admitted": f"{len(admitted)} чел.",
        "assessed": f"{len({row.application.user_id for row in assessed})} чел.",
        "included": f"{len({row.user_id for row in included})} чел.",
        "selection": _share(len({row.user_id for row in included}), len(applied)),
        "points_assessed": _mean(_shares(row.results.all() for row in assessed), "% от максимума"),
        "points_included": _mean(_shares(row.track.results.all() for row in included), "% от максимума"),
        "experience": _mean([Fraction(row.managing_years) for row in included], "полных лет"),
        "education": _share(len({row.user_id for row in educated}), len({row.user_id for row in included})),
        "members": f"{len(people)} чел.",
        "events": _share(len({row.user_id for row in there}), len(people)),
        "satisfaction": _mean(scores, "из 5") if len(scores) >= 3 else "—",
        "attested": _share(len(passed), len({row.reservist.user_id for row in entries})),
        "points_attested": _mean(_shares([entries]), "% от максимума"),
        "left": f"{len(left)} чел.",
        "appointed": str(filled),
        "appointed_from_reserve": _share(own, filled),
    }


def _came_from_earlier(log: TransitionLog, year: int) -> bool:
    """Brought from a list of before the portal: included by a decision whose date the step's reason ends with."""
    return log.label.startswith("Внесён из прежнего списка") and not log.reason.endswith(f".{year}")


def _told(workflow: str, year: int) -> Told:
    """What happened to the objects of a workflow in a year, in its order."""
    logs = TransitionLog.objects.filter(workflow=workflow).order_by("at", "pk")
    return [(log.subject, log) for log in logs if clock.local(log.at).year == year]


def _applicants(year: int, transition: str, group: str) -> set[int]:
    """People who took this step with an application that is no draft any more."""
    return {
        row.user_id
        for row, log in _told("application", year)
        if log.transition == transition
        and row.state != "draft"
        and (not group or group in {_group(track) for track in row.tracks.all()})
    }


def _taken_part(year: int) -> list[Participation]:
    """Participations whose last step is the confirmation, of events that began in the year."""
    last: dict[Participation, str] = {}
    for row, log in _told("participation", year):
        last[row] = log.to_state
    return [
        row
        for row, state in last.items()
        if state == "confirmed" and row.reservist and clock.local(row.event.starts_at).year == year
    ]


def _attested(year: int) -> list[AttestationEntry]:
    """Entries of attestations that were decided and ended in the year, of those who came."""
    found = []
    for attestation, log in _told("attestation", year):
        if log.to_state == "decided" and attestation.closes_on.year == year:
            found += [entry for entry in attestation.entries.all() if not entry.absent]
    return found


def _appointed(year: int, group: str) -> tuple[int, int]:
    """Vacancies left filled, and those filled by a reservist who stayed appointed."""
    vacancies = {
        row: log.to_state for row, log in _told("vacancy", year) if not group or _group(row) == group
    }
    referrals: dict[Any, str] = {row: log.to_state for row, log in _told("referral", year)}
    filled = [row for row, state in vacancies.items() if state == "filled"]
    own = [row for row, state in referrals.items() if state == "appointed" and row.vacancy in filled]
    return len(filled), len({row.reservist.user_id for row in own})


def _has_managed_to_learn(reservist: Reservist) -> bool:
    rows = Education.objects.filter(profile__user=reservist.user_id)
    return any(row.field == "management" or row.level == "retraining" for row in rows)


def _group(row: Any) -> str:
    return str(row.target_group.code)


def _shares(rows: Iterable[Iterable[Any]]) -> list[Fraction]:
    return [
        Fraction(row.points) * 100 / Fraction(row.maximum)
        for some in rows
        for row in some
        if row.points is not None
    ]


def _mean(values: list[Fraction], unit: str) -> str:
    return f"{_digits(sum(values, Fraction(0)) / len(values))} {unit}" if values else "—"


def _share(part: int, whole: int) -> str:
    return f"{_digits(Fraction(part * 100, whole))} % ({part} из {whole})" if whole else "—"


def _digits(value: Fraction) -> str:
    """Two digits after the comma, half up, without needless zeros."""
    hundredths = (2 * value * 100 + 1) // 2
    text = f"{hundredths // 100},{hundredths % 100:02}"
    return text.rstrip("0").rstrip(",")
