"""The defence of development concepts: meeting, concepts, score sheets (T10)."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from secrets import token_hex
from statistics import mean
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max

from candidates.uploads import UploadLimits, check_upload
from commissions.enums import MeetingState
from commissions.meetings import add_to_agenda, plan_meeting
from commissions.models import Body, DecisionList, Meeting
from commissions.motions import LineSpec
from commissions.services import create_list, send_list
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.enums import Decision

from ..enums import ReferralState
from ..models import Concept, ConceptDefence, Criterion, Referral, Score, ScoreSheet, Vacancy
from ..workflow import SHEET, VACANCY

# Eight criteria of a score sheet in use (arkh-gov.ru/doc/37651), 0/1/2 points each.
DEFAULT_CRITERIA = (
    "Актуальность",
    "Прогностичность",
    "Эффективность",
    "Реалистичность",
    "Полнота и целостность",
    "Управляемость",
    "Контролируемость",
    "Социальная открытость",
)


@transaction.atomic
def schedule_defence(vacancy: Vacancy, *, starts_at: datetime, place: str, actor: Any) -> ConceptDefence:
    """Call the commission to hear the presented nominees: meeting, criteria, list on its agenda, letters.

    Raises GateShut when nobody is presented or the edition knows no defence.
    """
    nominees = list(vacancy.referrals.filter(state=ReferralState.PRESENTED).select_related("reservist__user"))
    blockers = []
    if not nominees:
        blockers.append(Blocker("Защиту назначают, когда на вакансию кто-то представлен."))
    if not vacancy.edition.value("defence"):
        blockers.append(Blocker("Порядок не предусматривает защиту концепции."))
    require_open(blockers)
    decision_list = _send_nominees(vacancy, nominees, actor)
    body = Body.objects.get(code=decision_list.link.body if decision_list.link else "")
    meeting = plan_meeting(body, edition=vacancy.edition, starts_at=starts_at, place=place, actor=actor)
    defence = ConceptDefence.objects.create(vacancy=vacancy, meeting=meeting)
    Criterion.objects.bulk_create(
        Criterion(defence=defence, name=name, order=order) for order, name in enumerate(DEFAULT_CRITERIA, start=1)
    )
    add_to_agenda(meeting, decision_list, speaker=actor.full_name, actor=actor)
    _make_sheets(defence, nominees)
    VACANCY.apply(vacancy, "schedule_defence", actor=actor)
    for referral in nominees:
        send_letter(
            "vacancy.defence",
            to=referral.reservist.user,
            key=f"vacancy.defence:{defence.pk}:{referral.pk}",
            values={
                "vacancy": str(vacancy),
                "when": f"{clock.local(starts_at):%d.%m.%Y в %H:%M}",
                "place": place,
            },
            about=referral,
        )
    record_event("vacancies.schedule_defence", defence, actor=actor)
    return defence


@transaction.atomic
def send_for_recommendation(vacancy: Vacancy, *, actor: Any) -> DecisionList:
    """Where the edition knows no defence, send the presented nominees straight to the body of the chain (O3.19)."""
    nominees = list(vacancy.referrals.filter(state=ReferralState.PRESENTED).select_related("reservist__user"))
    blockers = []
    if not nominees:
        blockers.append(Blocker("На вакансию никто не представлен."))
    if vacancy.edition.value("defence"):
        blockers.append(Blocker("Порядок требует защиты концепции: назначьте её."))
    require_open(blockers)
    return _send_nominees(vacancy, nominees, actor)


@transaction.atomic
def upload_concept(referral: Referral, *, name: str, data: bytes, actor: Any) -> Concept:
    """Store a new version of the concept until the defence begins; raises RejectedUpload or GateShut."""
    edition = referral.vacancy.edition
    require_open(concept_blockers(referral))
    limits = UploadLimits(
        max_bytes=edition.value("max_file_mb") * 1024 * 1024, max_pages=edition.value("max_file_pages")
    )
    accepted = check_upload(name, data, limits)
    Referral.objects.select_for_update().get(pk=referral.pk)
    last = referral.concepts.aggregate(last=Max("version"))["last"] or 0
    concept = Concept(
        referral=referral,
        version=last + 1,
        original_name=accepted.original_name,
        sha256=hashlib.sha256(accepted.content).hexdigest(),
        size=len(accepted.content),
        content_type=accepted.content_type,
    )
    concept.file.save(f"{token_hex(16)}{accepted.extension}", ContentFile(accepted.content), save=True)
    record_event("vacancies.upload_concept", concept, actor=actor, person=actor, sha256=concept.sha256)
    return concept


def concept_blockers(referral: Referral) -> list[Blocker]:
    """What keeps a nominee from handing in a (new) version of the concept."""
    if referral.state != ReferralState.PRESENTED:
        return [Blocker("Концепцию загружают, когда вы представлены на вакансию.")]
    if referral.vacancy.defences.exclude(meeting__state__in=[MeetingState.PLANNED, MeetingState.CANCELLED]).exists():
        return [Blocker("Защита уже началась: концепцию больше не меняют.")]
    return []


@transaction.atomic
def save_sheet(
    sheet: ScoreSheet,
    *,
    actor: Any,
    points: Mapping[int, int],
    comments: Mapping[int, str],
    comment: str = "",
    hand_in: bool = False,
) -> None:
    """Store a member's points by criterion id; with `hand_in` finally. A point below the maximum needs a comment.

    Raises GateShut with a blocker per criterion, when the meeting does not go on, or the member keeps out.
    """
    locked = ScoreSheet.objects.select_for_update().get(pk=sheet.pk)
    criteria = list(sheet.defence.criteria.all())
    blockers = _sheet_blockers(locked, criteria, points, comments, hand_in)
    require_open(blockers)
    locked.scores.all().delete()
    Score.objects.bulk_create(
        Score(sheet=locked, criterion=item, points=points[item.pk], comment=comments.get(item.pk, "").strip()[:300])
        for item in criteria
        if item.pk in points
    )
    ScoreSheet.objects.filter(pk=locked.pk).update(comment=comment)
    if hand_in:
        SHEET.apply(locked, "hand_in", actor=actor)
        ScoreSheet.objects.filter(pk=locked.pk).update(handed_in_at=clock.now())
    record_event("vacancies.save_sheet", locked, actor=actor, hand_in=hand_in)


def scores_of(defence: ConceptDefence, referral: Referral) -> dict[str, Any]:
    """Mean and spread over the sheets handed in: {sheets, totals, mean, lowest, highest, maximum}; means are Decimal."""
    sheets = list(
        defence.sheets.filter(referral=referral, state="handed_in").prefetch_related("scores__criterion").order_by("pk")
    )
    totals = [sheet.total for sheet in sheets]
    return {
        "sheets": sheets,
        "totals": totals,
        "mean": mean(totals) if totals else None,
        "lowest": min(totals, default=None),
        "highest": max(totals, default=None),
        "maximum": Decimal(sum(item.maximum for item in defence.criteria.all())),
    }


def _send_nominees(vacancy: Vacancy, nominees: list[Referral], actor: Any) -> DecisionList:
    lines = [
        LineSpec(
            subject=referral,
            person=referral.reservist.user,
            proposal=True,
            reason=f"место в подборе: {referral.place}",
            details={"organisation": str(vacancy.organisation), "place": str(referral.place)},
        )
        for referral in nominees
    ]
    decision_list = create_list(
        Decision.RECOMMENDATION,
        edition=vacancy.edition,
        title=f"Рекомендация к назначению: {vacancy}",
        subject=vacancy,
        lines=lines,
        actor=actor,
    )
    send_list(decision_list, actor=actor)
    return decision_list


def _make_sheets(defence: ConceptDefence, nominees: list[Referral]) -> None:
    meeting: Meeting = defence.meeting
    item = meeting.items.get()
    recused = set(item.recusals.values_list("member_id", "line__object_id"))
    for member in meeting.members.filter(votes=True):
        for referral in nominees:
            if (member.pk, referral.pk) not in recused:
                sheet = ScoreSheet.objects.create(defence=defence, referral=referral, member=member)
                SHEET.start(sheet, actor=None, label="Лист выдан")


def _sheet_blockers(
    sheet: ScoreSheet,
    criteria: list[Criterion],
    points: Mapping[int, int],
    comments: Mapping[int, str],
    hand_in: bool,
) -> list[Blocker]:
    blockers = []
    item = sheet.defence.meeting.items.get()
    if sheet.defence.meeting.state != MeetingState.OPEN:
        blockers.append(Blocker("Листы заполняют, пока заседание идёт."))
    if item.recusals.filter(member=sheet.member, line__object_id=sheet.referral_id).exists():
        blockers.append(Blocker("Вы не участвуете в рассмотрении этого человека."))
    for row in criteria:
        field = f"points_{row.pk}"
        if row.pk not in points:
            if hand_in:
                blockers.append(Blocker(f"«{row}»: поставьте балл.", field=field))
        elif not 0 <= points[row.pk] <= row.maximum:
            blockers.append(Blocker(f"«{row}»: балл от 0 до {row.maximum}.", field=field))
        elif hand_in and points[row.pk] < row.maximum and not comments.get(row.pk, "").strip():
            blockers.append(Blocker(f"«{row}»: балл ниже наибольшего — поясните.", field=f"comment_{row.pk}"))
    return blockers
