"""The account of a year in Russian, aligned: funnel, limits not kept, letters, papers, refusals."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from assessment.models import ExpertConclusion, ExpertSheet
from candidates.enums import ApplicationState, TrackState
from candidates.models import Application, ApplicationTrack, Campaign, RegistrationEntry
from commissions.enums import MeetingState
from commissions.models import Meeting, Order
from reserve_portal.core import clock
from reserve_portal.core.models import TransitionLog
from reserve_portal.notifications.models import Letter
from reserve_portal.papers.kinds import paper_kinds
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.models import Deadline
from reservists.enums import ChangeKind, SignalState
from reservists.models import (
    AttestationSheet,
    Certification,
    DevelopmentPlan,
    ExclusionSignal,
    Mentor,
    MentorAssignment,
    MentorReport,
    MinistryList,
    PlanReport,
    PlanReview,
    RegistryEdition,
    Reservist,
    ReservistChange,
)
from vacancies.models import Appointment, Vacancy

from .year import Year

WIDTH = 44
SHOWN_LIMITS = 40


def account_of(year: Year) -> str:
    """The whole account as text."""
    parts = [
        f"{year.edition.name}\n{year.number} год: кандидатов {year.candidates}, зерно {year.seed}",
        _table("Воронка", funnel()),
        _table("Развитие и перемены в резерве", _life()),
        _table("Вакансии", _vacancies()),
        limits_in_words(),
        _table("Решения и документы", _papers()),
        _table("Портал отказал", sorted(year.refusals.items())),
    ]
    return "\n\n".join(parts) + "\n"


def funnel() -> list[tuple[str, int]]:
    """How many came how far; from the admission on these are tracks, one per target group."""
    applications = Application.objects
    steps = _people_by_step()
    return [
        ("наборов", Campaign.objects.count()),
        ("начали заявление", applications.count()),
        ("подали", applications.exclude(submitted_at=None).count()),
        ("зарегистрированы", RegistrationEntry.objects.count()),
        ("отказано в рассмотрении", applications.filter(state=ApplicationState.REFUSED).count()),
        ("отозвали сами", applications.filter(state=ApplicationState.WITHDRAWN).count()),
        ("допущены (по целевым группам)", steps["admit"]),
        ("не допущены", steps["not_admit"]),
        ("приглашены на оценку", steps["invite"]),
        ("отказались от оценки", ApplicationTrack.objects.filter(state=TrackState.DECLINED).count()),
        (
            "не явились (осталось без второй даты)",
            ApplicationTrack.objects.filter(state=TrackState.NO_SHOW).count(),
        ),
        ("оценены", steps["assess"]),
        ("включены в резерв", steps["include"]),
        ("не включены", steps["not_include"]),
        ("в пути на конец года", ApplicationTrack.objects.filter(state__in=ON_THE_WAY).count()),
        ("исключены из резерва", Reservist.objects.filter(state="excluded").count()),
        ("назначены руководителями", Reservist.objects.filter(state="appointed").count()),
    ]


ON_THE_WAY = (TrackState.PENDING, TrackState.ADMITTED, TrackState.INVITED, TrackState.ASSESSED)


def _people_by_step() -> Counter[str]:
    rows = TransitionLog.objects.filter(workflow="track").values_list("transition", "object_id").distinct()
    return Counter(name for name, _ in rows.order_by("transition", "object_id"))


def _life() -> list[tuple[str, int]]:
    reports = PlanReport.objects
    return [
        ("листов экспертов сдано", ExpertSheet.objects.filter(state="handed_in").count()),
        ("заключений утверждено", ExpertConclusion.objects.filter(state="approved").count()),
        ("наставников", Mentor.objects.count()),
        ("закреплений наставника", MentorAssignment.objects.count()),
        ("планов согласовано", DevelopmentPlan.objects.exclude(agreed_on=None).count()),
        ("отчётов представлено", reports.exclude(submitted_on=None).count()),
        ("отчётов не дождались", reports.filter(submitted_on=None).count()),
        ("отчётов наставников принято", MentorReport.objects.exclude(accepted_on=None).count()),
        ("оценок реализации плана", PlanReview.objects.count()),
        ("аттестаций по программам", Certification.objects.count()),
        ("листов аттестации сдано", AttestationSheet.objects.filter(state="handed_in").count()),
        ("аттестовано", ReservistChange.objects.filter(kind=ChangeKind.ATTESTATION).count()),
        ("иных изменений решением", ReservistChange.objects.exclude(kind=ChangeKind.ATTESTATION).count()),
        ("сигналов об исключении", ExclusionSignal.objects.count()),
        ("из них отклонено", ExclusionSignal.objects.filter(state=SignalState.DISMISSED).count()),
        ("списков в министерство", MinistryList.objects.count()),
    ]


def _vacancies() -> list[tuple[str, int]]:
    filled = Appointment.objects.filter(fell_through_at=None)
    return [
        ("сообщено", Vacancy.objects.count()),
        ("закрыто назначением из резерва", filled.filter(from_reserve=True).count()),
        ("закрыто назначением не из резерва", filled.filter(from_reserve=False).count()),
        ("назначение не состоялось", Appointment.objects.exclude(fell_through_at=None).count()),
        ("ещё открыто", Vacancy.objects.open().count()),
    ]


def limits_in_words() -> str:
    """Every limit that was not kept: what, whose, by how many days, whether it is still open."""
    late = sorted(
        [*Deadline.objects.kept_late(), *Deadline.objects.overdue()], key=lambda row: (row.due_on, row.pk)
    )
    kept = Deadline.objects.exclude(closed_on=None).count() - Deadline.objects.kept_late().count()
    heading = f"Сроки: соблюдено {kept}, нарушено {len(late)}"
    if not late:
        return heading
    lines = [f"{heading}\n  {'срок до':<12}{'позже на':<11}{'кто отвечает':<34}что и о чём"]
    for row in late[:SHOWN_LIMITS]:
        days = ((row.closed_on or clock.today()) - row.due_on).days
        end = "" if row.closed_on else " — не исполнен"
        lines.append(
            f"  {row.due_on:%d.%m.%Y}  {f'{days} дн.':<11}{row.get_responsible_display():<34}"
            f"{row.title}: {row.about}{end}"
        )
    if len(late) > SHOWN_LIMITS:
        lines.append(f"  … и ещё {len(late) - SHOWN_LIMITS}")
    return "\n".join(lines)


def _papers() -> list[tuple[str, int]]:
    meetings = Counter(Meeting.objects.values_list("state", flat=True))
    rows: list[tuple[str, int]] = [
        ("заседаний с протоколом", meetings[MeetingState.CLOSED]),
        ("заседаний перенесено", meetings[MeetingState.CANCELLED]),
        ("приказов", Order.objects.count()),
        ("редакций реестра", RegistryEdition.objects.count()),
        ("из них опубликовано", RegistryEdition.objects.filter(state="published").count()),
        ("писем", Letter.objects.count()),
        ("не доставлено писем", Letter.objects.exclude(state="sent").count()),
    ]
    kinds = Counter(IssuedPaper.objects.values_list("kind", flat=True))
    return rows + [
        (f"документ: {paper_kinds.get(kind).title.lower()}", kinds[kind]) for kind in sorted(kinds)
    ]


def _table(title: str, rows: Iterable[tuple[str, Any]]) -> str:
    return "\n".join([title, *(f"  {name:<{WIDTH}}{number:>8}" for name, number in rows)])
