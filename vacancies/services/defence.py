"""The defence of development concepts: meeting, concepts, score sheets (T10)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from secrets import token_hex
from statistics import mean
from typing import Any, cast

from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max, QuerySet

from candidates.services.quarantine import first_state
from candidates.uploads import RejectedUpload, UploadLimits, check_upload
from commissions.enums import ListState, MeetingState
from commissions.meetings import add_to_agenda, plan_meeting
from commissions.models import Body, DecisionList, Meeting, Recusal
from commissions.motions import LineSpec
from commissions.services import create_list, send_list
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, GateShut, require_open
from reserve_portal.core.search import search_key
from reserve_portal.notifications.services import send_letter
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.services import issue_paper
from reserve_portal.regulations.enums import Decision

from ..enums import ReferralState, SheetState, VacancyState
from ..models import Concept, ConceptDefence, Criterion, Referral, Score, ScoreSheet, Vacancy
from ..workflow import SHEET, VACANCY
from .cases import withdraw_lists
from .locks import lock_referral, lock_vacancy

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
CRITERION_MAXIMUM, HIGHEST_MAXIMUM, CRITERIA_AT_MOST = 2, 10, 20
CONCEPT_KINDS = ("pdf", "docx")


@transaction.atomic
def schedule_defence(
    vacancy: Vacancy,
    *,
    starts_at: datetime,
    place: str,
    actor: Any,
    criteria: Sequence[tuple[str, int]] | None = None,
) -> ConceptDefence:
    """Call the commission to hear the presented nominees: meeting, criteria, list on its agenda, letters.

    `criteria` are names with their highest points; without them eight of two points each. A defence whose meeting was
    cancelled may be called anew. Raises GateShut when nobody is presented, a defence is called already, the edition
    knows no defence, or such criteria cannot be.
    """
    vacancy = lock_vacancy(vacancy.pk)
    chosen = list(criteria or [(name, CRITERION_MAXIMUM) for name in DEFAULT_CRITERIA])
    require_open([*defence_blockers(vacancy), *criteria_blockers(chosen)])
    withdraw_lists(vacancy, actor=actor, reason="защита назначена заново")
    nominees = _nominees(vacancy)
    decision_list = _send_nominees(vacancy, nominees, actor)
    body = _body_of(decision_list)
    meeting = plan_meeting(body, edition=vacancy.edition, starts_at=starts_at, place=place, actor=actor)
    defence = ConceptDefence.objects.create(vacancy=vacancy, meeting=meeting)
    Criterion.objects.bulk_create(
        Criterion(defence=defence, name=name, maximum=maximum, order=order)
        for order, (name, maximum) in enumerate(chosen, start=1)
    )
    add_to_agenda(meeting, decision_list, speaker=actor.full_name, actor=actor)
    _make_sheets(defence, nominees)
    VACANCY.apply(vacancy, "schedule_defence", actor=actor)
    for referral in nominees:
        _tell_nominee(defence, referral)
    record_event("vacancies.schedule_defence", defence, actor=actor)
    return defence


@transaction.atomic
def send_for_recommendation(vacancy: Vacancy, *, actor: Any) -> DecisionList:
    """Where the edition knows no defence, send the presented nominees straight to the body of the chain (O3.19)."""
    vacancy = lock_vacancy(vacancy.pk)
    require_open(recommendation_blockers(vacancy))
    decision_list = _send_nominees(vacancy, _nominees(vacancy), actor)
    record_event("vacancies.send_for_recommendation", vacancy, actor=actor)
    return decision_list


def recommendation_blockers(vacancy: Vacancy) -> list[Blocker]:
    """What keeps the presented from being sent to the body without a defence (O3.19)."""
    blockers = []
    if vacancy.state != VacancyState.PRESENTED or not _nominees(vacancy):
        blockers.append(Blocker("На вакансию никто не представлен."))
    if vacancy.edition.value("defence"):
        blockers.append(Blocker("Порядок требует защиты концепции: назначьте её."))
    if DecisionList.objects.about(vacancy).filter(state=ListState.SENT).exists():
        blockers.append(Blocker("Представленные уже переданы органу, который рекомендует."))
    return blockers


def defence_blockers(vacancy: Vacancy) -> list[Blocker]:
    """What keeps a defence from being called (T10)."""
    blockers = []
    if not vacancy.edition.value("defence"):
        blockers.append(Blocker("Порядок не предусматривает защиту концепции."))
    if vacancy.defences.exclude(meeting__state__in=[MeetingState.CANCELLED, MeetingState.CLOSED]).exists():
        blockers.append(Blocker("Защита по этой вакансии уже назначена."))
    elif vacancy.state not in (VacancyState.PRESENTED, VacancyState.DEFENCE) or not _nominees(vacancy):
        blockers.append(Blocker("Защиту назначают, когда на вакансию кто-то представлен."))
    return blockers


def criteria_blockers(criteria: Sequence[tuple[str, int]]) -> list[Blocker]:
    """What keeps these criteria from being those of a defence."""
    blockers = []
    names = [search_key(name) for name, _ in criteria]
    if not 0 < len(criteria) <= CRITERIA_AT_MOST:
        blockers.append(Blocker(f"Критериев — от одного до {CRITERIA_AT_MOST}.", field="criteria"))
    if not all(names) or any(len(name) > 150 for name in names):
        blockers.append(Blocker("Название критерия — от 1 до 150 знаков.", field="criteria"))
    if len(set(names)) < len(names):
        blockers.append(Blocker("Критерии повторяются.", field="criteria"))
    if any(not 1 <= maximum <= HIGHEST_MAXIMUM for _, maximum in criteria):
        blockers.append(Blocker(f"Наибольший балл — от 1 до {HIGHEST_MAXIMUM}.", field="criteria"))
    return blockers


@transaction.atomic
def upload_concept(referral: Referral, *, name: str, data: bytes, actor: Any) -> Concept:
    """Store a new version of the concept until the defence begins; raises RejectedUpload or GateShut."""
    fresh = lock_referral(referral)
    edition = fresh.vacancy.edition
    require_open(concept_blockers(fresh))
    limits = UploadLimits(
        max_bytes=edition.value("max_file_mb") * 1024 * 1024, max_pages=edition.value("max_file_pages")
    )
    accepted = check_upload(name, data, limits)
    if accepted.kind not in CONCEPT_KINDS:
        raise RejectedUpload(
            f"Файл «{accepted.original_name}» — картинка: загрузите концепцию в PDF или DOCX."
        )
    last = referral.concepts.aggregate(last=Max("version"))["last"] or 0
    concept = Concept(
        referral=referral,
        version=last + 1,
        original_name=accepted.original_name,
        kind=accepted.kind,
        sha256=accepted.sha256,
        size=len(accepted.content),
        content_type=accepted.content_type,
        **first_state(),
    )
    concept.file.save(f"{token_hex(16)}.{accepted.extension}", ContentFile(accepted.content), save=True)
    record_event("vacancies.upload_concept", concept, actor=actor, person=actor, sha256=concept.sha256)
    return concept


def concept_blockers(referral: Referral) -> list[Blocker]:
    """What keeps a nominee from handing in a (new) version of the concept."""
    if referral.state != ReferralState.PRESENTED:
        return [Blocker("Концепцию загружают, когда вы представлены на вакансию.")]
    if referral.vacancy.defences.filter(meeting__state=MeetingState.OPEN).exists():
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
    locked = (
        ScoreSheet.objects.select_for_update(of=("self",))
        .select_related("defence__meeting", "member")
        .get(pk=sheet.pk)
    )
    criteria = list(sheet.defence.criteria.all())
    blockers = _sheet_blockers(locked, criteria, points, comments, hand_in)
    require_open(blockers)
    locked.scores.all().delete()
    Score.objects.bulk_create(
        Score(
            sheet=locked,
            criterion=item,
            points=points[item.pk],
            comment=comments.get(item.pk, "").strip()[:300],
        )
        for item in criteria
        if item.pk in points
    )
    ScoreSheet.objects.filter(pk=locked.pk).update(comment=comment)
    if hand_in:
        SHEET.apply(locked, "hand_in", actor=actor)
        sheet.refresh_from_db(fields=["state"])
        ScoreSheet.objects.filter(pk=locked.pk).update(handed_in_at=clock.now())
    record_event("vacancies.save_sheet", locked, actor=actor, hand_in=hand_in)


def recused_from(defence: ConceptDefence) -> set[tuple[int, int]]:
    """Who keeps out of whom: pairs (meeting member id, referral id)."""
    vacancies = ContentType.objects.get_for_model(Vacancy)
    rows = Recusal.objects.filter(
        item__meeting=defence.meeting_id,
        item__list__content_type=vacancies,
        item__list__object_id=defence.vacancy_id,
    )
    return {(member, int(pk or 0)) for member, pk in rows.values_list("member_id", "line__object_id")}


def scores_of(defence: ConceptDefence, referral: Referral) -> dict[str, Any]:
    """Mean and spread over the sheets handed in: {sheets, totals, mean, lowest, highest, maximum}; means are Decimal.

    A sheet of a member who came to keep out of this nominee after handing it in does not count.
    """
    out = recused_from(defence)
    sheets = [
        sheet
        for sheet in defence.sheets.filter(referral=referral, state=SheetState.HANDED_IN)
        .select_related("member")
        .prefetch_related("scores__criterion")
        .order_by("pk")
        if (sheet.member_id, referral.pk) not in out
    ]
    totals = [sheet.total for sheet in sheets]
    return {
        "sheets": sheets,
        "totals": totals,
        "mean": mean(totals) if totals else None,
        "lowest": min(totals, default=None),
        "highest": max(totals, default=None),
        "maximum": Decimal(sum(item.maximum for item in defence.criteria.all())),
    }


def sheets_asked(decision_list: DecisionList) -> list[ScoreSheet]:
    """The sheets that members present at the defence of this list are to hand in; without those who keep out (T10)."""
    rows = (
        ScoreSheet.objects.filter(defence__meeting__items__list=decision_list, member__present=True)
        .exclude(defence__meeting__state=MeetingState.CANCELLED)
        .select_related("defence", "member")
        .order_by("member__name", "pk")
        .distinct()
    )
    out: set[tuple[int, int]] = set().union(*(recused_from(one) for one in {row.defence for row in rows}))
    return [row for row in rows if (row.member_id, row.referral_id) not in out]


@transaction.atomic
def rank_nominees(decision_list: DecisionList) -> None:
    """Give those recommended at a defence their places by the mean of the sheets; within the caller's transaction.

    Equal means share a place (1, 2, 2, 4); who follows the first stands in reserve for this vacancy. Without sheets
    there is nothing to rank by.
    """
    for defence in _closed_defences(decision_list):
        heard = defence.vacancy.referrals.filter(
            state=ReferralState.RECOMMENDED, pk__in=decision_list.lines.values("object_id")
        )
        means = {referral.pk: scores_of(defence, referral)["mean"] for referral in heard}
        known = sorted((value for value in means.values() if value is not None), reverse=True)
        for pk, value in means.items():
            if value is not None:
                Referral.objects.filter(pk=pk).update(defence_place=known.index(value) + 1)


def _closed_defences(decision_list: DecisionList) -> "QuerySet[ConceptDefence]":
    """Defences at which this list was decided."""
    rows = ConceptDefence.objects.filter(
        meeting__items__list=decision_list, meeting__state=MeetingState.CLOSED
    )
    return rows.select_related("vacancy__edition", "vacancy__organisation", "meeting__body").distinct()


@transaction.atomic
def issue_summaries(decision_list: DecisionList, *, actor: Any) -> None:
    """Issue the summary of scores of each defence at which this list was decided."""
    for defence in _closed_defences(decision_list):
        issue_paper(
            "defence_summary",
            defence,
            summary_context(defence, decision_list),
            actor=actor,
            dated=clock.local(defence.meeting.starts_at).date(),
            title=f"Сводка оценок защиты концепции: {defence.vacancy.organisation}",
        )


def summary_context(defence: ConceptDefence, decision_list: DecisionList) -> dict[str, Any]:
    """What the summary shows: criteria, and for each nominee the sheets, the mean, the spread and the decision."""
    rows = [
        {"line": line, "referral": referral, "scores": scores_of(defence, referral)}
        for line in decision_list.lines.all()
        if (referral := cast(Referral, line.subject))
    ]
    return {
        "defence": defence,
        "vacancy": defence.vacancy,
        "rows": rows,
        "criteria": list(defence.criteria.all()),
    }


@transaction.atomic
def issue_sheet(sheet: ScoreSheet, *, actor: Any) -> IssuedPaper:
    """Issue a sheet that was handed in as a paper to print and sign; the second call returns the same paper.

    Raises GateShut for a sheet that may still change.
    """
    sheet = ScoreSheet.objects.select_for_update(of=("self",)).get(pk=sheet.pk)
    if sheet.state != SheetState.HANDED_IN:
        raise GateShut([Blocker("Печатают сданный лист: сначала сдайте его.")])
    issued = IssuedPaper.objects.about(sheet).filter(kind="score_sheet").first()
    if issued is not None:
        return issued
    context = {
        "sheet": sheet,
        "scores": list(sheet.scores.select_related("criterion")),
        "vacancy": sheet.defence.vacancy,
    }
    title = f"Оценочный лист: {sheet.referral.reservist.user.full_name}"
    day = clock.local(sheet.handed_in_at).date() if sheet.handed_in_at else None
    return issue_paper("score_sheet", sheet, context, actor=actor, dated=day, title=title)


def _nominees(vacancy: Vacancy) -> list[Referral]:
    return list(
        vacancy.referrals.filter(state=ReferralState.PRESENTED).select_related("reservist__user", "vacancy")
    )


def _body_of(decision_list: DecisionList) -> Body:
    code = decision_list.link.body if decision_list.link else ""
    body = Body.objects.filter(code=code).first()
    if body is None:
        raise GateShut([Blocker("Состав комиссии по защите не заведён: добавьте орган и его членов.")])
    return body


def _tell_nominee(defence: ConceptDefence, referral: Referral) -> None:
    meeting = defence.meeting
    send_letter(
        "vacancy.defence",
        to=referral.reservist.user,
        key=f"vacancy.defence:{defence.pk}:{referral.pk}",
        values={
            "vacancy": str(defence.vacancy),
            "when": f"{clock.local(meeting.starts_at):%d.%m.%Y в %H:%M}",
            "place": meeting.place,
        },
        about=referral,
    )


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
    recused = recused_from(defence)
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
    if sheet.state == SheetState.HANDED_IN:
        return [Blocker("Лист уже сдан: изменить его нельзя.")]
    if sheet.defence.meeting.state != MeetingState.OPEN:
        blockers.append(Blocker("Листы заполняют, пока заседание идёт."))
    elif not sheet.member.present:
        blockers.append(Blocker("Вы не отмечены среди присутствующих: скажите об этом секретарю."))
    if (sheet.member_id, sheet.referral_id) in recused_from(sheet.defence):
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
