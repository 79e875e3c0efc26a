"""Papers of the operator: journal, register of candidates (T2), list for admission, notices."""

from collections.abc import Iterable, Iterator
from typing import Any

from commissions.models import DecisionList, Meeting
from commissions.services import basis_of
from reserve_portal.accounts.enums import Role
from reserve_portal.core import clock
from reserve_portal.papers.kinds import PaperKind, register_paper
from reserve_portal.regulations.models import Edition

from .enums import APPLICATION_ENDED, ApplicationState, Channel, TrackState
from .models import Application, Campaign, RegistrationEntry
from .summary import ground_in_words, summary_of

CHUNK = 500
JOURNAL_HEADINGS = (
    "№",
    "Поступило",
    "Рег. номер",
    "Дата регистрации",
    "Фамилия, имя, отчество",
    "Муниципальное образование",
    "Способ подачи",
    "Файлов / листов",
    "Кем принято",
    "Расписка",
    "Результат",
    "Примечание",
)
REGISTER_HEADINGS = (
    "№",
    "Рег. номер",
    "Фамилия, имя, отчество",
    "Муниципальное образование",
    "Должность, место работы",
    "Образование",
    "Стаж",
    "Выдвижение",
    "Состояние",
)


def for_office(user: Any, paper: Any) -> bool:
    """Operators read every paper; auditors those that are no private ones."""
    return user.has_role(Role.AUDITOR)


def for_the_body(user: Any, paper: Any) -> bool:
    """Auditors, authorities, and the members called to a meeting that decides about the list."""
    if user.has_any_role(Role.AUDITOR, Role.AUTHORITY):
        return True
    return Meeting.objects.filter(members__user=user, items__list=paper.object_id).exists()


def for_the_person_alone(user: Any, paper: Any) -> bool:
    """Nobody besides the person and the operator."""
    return False


register_paper(
    PaperKind(
        code="candidates.journal",
        title="Журнал регистрации заявлений",
        template="candidates/pdf/journal.html",
        number="Ж-{year}-{number}",
        series="candidates.journal:{year}",
        may_read=for_office,
        landscape=True,
    )
)
register_paper(
    PaperKind(
        code="candidates.register",
        title="Реестр кандидатов",
        template="candidates/pdf/register.html",
        number="РК-{year}-{number}",
        series="candidates.register:{year}",
        may_read=for_office,
        landscape=True,
    )
)
register_paper(
    PaperKind(
        code="candidates.admission_list",
        title="Список для допуска к оценке",
        template="candidates/pdf/admission_list.html",
        number="СД-{year}-{number}",
        series="candidates.admission_list:{year}",
        may_read=for_the_body,
        landscape=True,
    )
)
register_paper(
    PaperKind(
        code="candidates.notice",
        title="Уведомление кандидату",
        template="candidates/pdf/notice.html",
        number="У-{year}-{number}",
        series="candidates.notice:{year}",
        may_read=for_the_person_alone,
    )
)


def journal_rows(entries: Any) -> Iterator[list[Any]]:
    """One row of the journal per entry, in the order of JOURNAL_HEADINGS; streams."""
    loaded = entries.select_related(
        "application__user", "application__campaign", "registered_by"
    ).prefetch_related("application__tracks")
    for entry in loaded.iterator(chunk_size=CHUNK):
        application = entry.application
        yield [
            entry.number,
            f"{clock.local(entry.received_at):%d.%m.%Y %H:%M}",
            entry.text,
            f"{clock.local(entry.registered_at):%d.%m.%Y %H:%M}",
            application.user.full_name,
            application.snapshot.get("profile", {}).get("municipality", ""),
            application.get_channel_display(),
            f"{entry.files} / {entry.pages}",
            entry.registered_by.short_name,
            "электронная" if application.channel == Channel.PORTAL else "",
            outcome_of(application),
            entry.annotation,
        ]


def outcome_of(application: Application) -> str:
    """How the case stands, for the journal: «допущен к оценке», «отказано …»."""
    if application.state in APPLICATION_ENDED:
        words = [application.get_state_display()]
        if application.state == ApplicationState.REFUSED:
            words.append(application.proposal_words)
        return ": ".join(part for part in words if part)
    decided = [
        track.get_state_display() for track in application.tracks.all() if track.state != TrackState.PENDING
    ]
    return "; ".join(decided) or application.get_state_display()


def journal_context(edition: Edition, series: str, entries: Any) -> dict[str, Any]:
    """What the printed journal shows: all lines of one journal (domain/documents.md)."""
    first, last = entries.first(), entries.last()
    return {
        "edition": edition,
        "series": series,
        "headings": JOURNAL_HEADINGS,
        "rows": list(journal_rows(entries)),
        "begun": first.registered_at if first else None,
        "ended": last.registered_at if last else None,
    }


def register_rows(campaign: Campaign) -> Iterator[list[Any]]:
    """One row per registered application of the campaign, in the order of REGISTER_HEADINGS; streams."""
    entries = RegistrationEntry.objects.filter(application__campaign=campaign).select_related(
        "application__user", "application__campaign"
    )
    entries = entries.prefetch_related("application__tracks").order_by("series", "number")
    for order, entry in enumerate(entries.iterator(chunk_size=CHUNK), start=1):
        application = entry.application
        summary = summary_of(application)
        yield [
            order,
            entry.text,
            application.user.full_name,
            summary.municipality,
            summary.post,
            summary.education,
            summary.experience,
            summary.nomination,
            outcome_of(application),
        ]


def register_context(campaign: Campaign) -> dict[str, Any]:
    """What the register of candidates shows (T2)."""
    return {
        "edition": campaign.edition,
        "campaign": campaign,
        "headings": REGISTER_HEADINGS,
        "rows": list(register_rows(campaign)),
    }


def admission_list_context(decision_list: DecisionList) -> dict[str, Any]:
    """What the list for admission shows: proposed or decided, apart those admitted and those not, with grounds."""
    lines = list(decision_list.lines.all())
    return {
        "edition": decision_list.edition,
        "list": decision_list,
        "decided": decision_list.decided_on is not None,
        "basis": basis_of(decision_list) if decision_list.decided_on else "",
        "parts": [
            ("Допустить к оценке", _listed(line for line in lines if line.standing)),
            ("Не допустить к оценке", _listed(line for line in lines if not line.standing)),
        ],
    }


def notice_context(application: Application) -> dict[str, Any]:
    """What a notice to a candidate says; which paragraph, follows from where the application stands."""
    tracks = [
        track
        for track in application.tracks.select_related("target_group")
        if track.state != TrackState.PENDING
    ]
    return {
        "edition": application.campaign.edition,
        "application": application,
        "person": application.user,
        "registration": application.registration,
        "refused": application.state == ApplicationState.REFUSED,
        "ground": ground_in_words(application.proposal_ground),
        "words": application.proposal_words,
        "decided": [(track.target_group, track.get_state_display()) for track in tracks],
    }


def _listed(lines: Iterable[Any]) -> list[dict[str, Any]]:
    return [
        {
            "order": order,
            "label": line.label,
            "details": line.details,
            "reason": line.outcome_reason or line.proposal_reason,
        }
        for order, line in enumerate(lines, start=1)
    ]
