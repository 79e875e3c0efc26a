"""The individual plan of development: written by the reservist, agreed by the mentor, its copy sent (O4.6-4.10)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.urls import reverse

from assessment.models import Result
from assessment.rules import weak_sections
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.deadlines import event_happened

from ..development_rules import CONTENT, change_sheet, text_changes
from ..enums import PlanState, ReservistState
from ..models import DevelopmentPlan, PlanItem, Reservist
from ..rules import points_words
from ..workflow import PLAN
from .development_papers import issue_plan
from .mentors import guides_of, mentor_of
from .plan_notes import keep_comment
from .reports import follow_plan, open_due_reports

ALL_PERCENT = 100


def start_blockers(reservist: Reservist, year: int) -> list[Blocker]:
    """What keeps a plan of this year from being begun (O4.6, O4.10)."""
    found = []
    this_year = clock.today().year
    if not reservist.edition.value("development_plan"):
        found.append(Blocker("Эта редакция порядка не знает планов развития."))
    if reservist.state != ReservistState.ACTIVE:
        found.append(Blocker("План составляет тот, кто состоит в резерве."))
    if year not in (this_year, this_year + 1):
        found.append(Blocker("План составляют на этот или на следующий год.", field="year"))
    elif reservist.plans.filter(year=year).exclude(state=PlanState.DISCARDED).exists():
        found.append(Blocker(f"План на {year} год уже есть.", field="year"))
    return found


@transaction.atomic
def start_plan(reservist: Reservist, *, year: int, actor: Any) -> DevelopmentPlan:
    """Begin the plan of a year, with the deficits that the assessment showed (O4.6). Raises GateShut."""
    reservist = (
        Reservist.objects.select_for_update(of=("self",))
        .select_related("edition", "user")
        .get(pk=reservist.pk)
    )
    require_open(start_blockers(reservist, year))
    plan = DevelopmentPlan.objects.create(
        reservist=reservist, year=year, deficits="\n".join(starting_deficits(reservist))
    )
    PLAN.start(plan, actor=actor, label="План начат")
    record_event("reservists.start_plan", plan, actor=actor, person=reservist.user)
    return plan


def result_of(reservist: Reservist) -> Result | None:
    """The result by which the person was included, or None."""
    if reservist.track_id is None:
        return None
    results = Result.objects.filter(track=reservist.track_id).select_related("procedure", "conclusion")
    return results.prefetch_related("scores__section").order_by("-pk").first()


def starting_deficits(reservist: Reservist) -> list[str]:
    """The deficits of the expert conclusion (O3.18, O4.6), else the directions below the threshold.

    Where all are above it, those in which points were lost, weakest first.
    """
    result = result_of(reservist)
    if result is None:
        return []
    conclusion = getattr(result, "conclusion", None)
    if conclusion is not None and conclusion.deficits.strip():
        return [line for line in conclusion.deficits.splitlines() if line.strip()]
    scores = {score.section.code: score for score in result.scores.all()}
    shares = {code: (score.points, score.section.maximum) for code, score in scores.items()}
    weak = weak_sections(shares, result.procedure.threshold_percent) or weak_sections(
        shares, Decimal(ALL_PERCENT)
    )
    return [
        f"{scores[code].section.name}: {points_words(shares[code][0])} из {points_words(shares[code][1])} баллов"
        for code in weak
    ]


@transaction.atomic
def save_plan(plan: DevelopmentPlan, *, actor: Any, **texts: str) -> None:
    """Keep deficits and goals of a version that is being written. Raises GateShut."""
    plan = _open_plan(plan)
    for name in ("deficits", "goals"):
        setattr(plan, name, texts.get(name, getattr(plan, name)).strip())
    plan.save(update_fields=["deficits", "goals"])
    record_event("reservists.save_plan", plan, actor=actor, person=plan.reservist.user)


@transaction.atomic
def save_item(plan: DevelopmentPlan, *, actor: Any, item: PlanItem | None = None, **fields: Any) -> PlanItem:
    """Add a row, or change one; `fields` are those of CONTENT. Raises GateShut, ValidationError."""
    plan = _open_plan(plan)
    row = PlanItem.objects.get(pk=item.pk, plan=plan) if item is not None else PlanItem(plan=plan)
    for name in CONTENT:
        if name in fields:
            setattr(row, name, fields[name])
    require_open(item_blockers(row))
    row.full_clean()
    row.save()
    record_event("reservists.save_plan_item", row, actor=actor, person=plan.reservist.user)
    return row


@transaction.atomic
def remove_item(item: PlanItem, *, actor: Any) -> None:
    """Take a row out of a version that is being written. Raises GateShut."""
    plan = _open_plan(item.plan)
    record_event("reservists.remove_plan_item", item, actor=actor, person=plan.reservist.user)
    PlanItem.objects.filter(pk=item.pk, plan=plan).delete()


def item_blockers(item: PlanItem) -> list[Blocker]:
    """What is wrong with a row: its term lies outside the plan's year, its form is not the edition's (O4.4, O4.10)."""
    found = []
    for name in ("starts_on", "ends_on"):
        if getattr(item, name).year != item.plan.year:
            found.append(Blocker(f"Срок должен лежать в {item.plan.year} году.", field=name))
    if item.form not in item.plan.reservist.edition.value("plan_forms"):
        found.append(Blocker("Выберите форму из порядка.", field="form"))
    return found


def submit_blockers(plan: DevelopmentPlan) -> list[Blocker]:
    """What keeps the plan from being agreed: nobody to agree it, parts of the edition's composition left empty."""
    found = []
    parts = plan.reservist.edition.value("plan_parts")
    edit = reverse("reservists:plan_edit", args=[plan.pk])
    if not guides_of(plan.reservist):
        found.append(Blocker("За вами ещё не закреплён наставник: это решает уполномоченный орган."))
    if "deficits" in parts and not plan.deficits.strip():
        found.append(Blocker("Опишите дефициты.", field="deficits", url=edit))
    if "goals" in parts and not plan.goals.strip():
        found.append(Blocker("Поставьте цели.", field="goals", url=edit))
    items = list(plan.items.all())
    if not items:
        url = reverse("reservists:plan_item_add", args=[plan.pk])
        found.append(Blocker("Добавьте хотя бы один пункт.", url=url))
    for item in items:
        empty = [
            CONTENT[name]
            for name in ("competence", "organiser", "evidence")
            if name in parts and not getattr(item, name).strip()
        ]
        if empty:
            url = reverse("reservists:plan_item", args=[plan.pk, item.pk])
            found.append(Blocker(f"«{item}»: заполните — {', '.join(empty)}.", url=url))
    return found


@transaction.atomic
def submit_plan(plan: DevelopmentPlan, *, actor: Any) -> None:
    """Send the plan to whoever agrees it, who learns by letter (O4.6). Raises GateShut."""
    plan = _locked(plan)
    require_open(submit_blockers(plan))
    PLAN.apply(plan, "submit", actor=actor)
    deed = record_event("reservists.submit_plan", plan, actor=actor, person=plan.reservist.user)
    values = {"reservist": plan.reservist.user.full_name, "plan": str(plan)}
    for guide in guides_of(plan.reservist):
        key = f"plan.submitted:{plan.pk}:{deed.pk}:{guide.pk}"
        send_letter("plan.submitted", to=guide, key=key, values=values, about=plan)


@transaction.atomic
def return_plan(plan: DevelopmentPlan, *, remarks: str, comments: Mapping[int, str], actor: Any) -> None:
    """Send the plan back with remarks, some beside its rows (`comments`: row's id → words). Needs remarks."""
    plan = _locked(plan)
    PLAN.apply(plan, "return", actor=actor, reason=remarks)
    plan.remarks = remarks.strip()
    plan.save(update_fields=["remarks"])
    for item in plan.items.all():
        if comments.get(item.pk, "").strip():
            keep_comment(plan, item, comments[item.pk], actor)
    deed = record_event("reservists.return_plan", plan, actor=actor, person=plan.reservist.user)
    values = {"plan": str(plan), "remarks": plan.remarks}
    _write(plan, "plan.returned", deed.pk, values)


@transaction.atomic
def agree_plan(plan: DevelopmentPlan, *, actor: Any) -> None:
    """Agree the plan: it is in force, the version before is replaced, the paper issued, limits move on (O4.9).

    What was done stays done: progress goes over to the rows that come from the version before.
    """
    plan = _locked(plan)
    mentor = mentor_of(plan.reservist)
    before = plan.previous
    if before is not None:
        PLAN.apply(before, "replace", actor=actor)
        for item in plan.items.select_related("previous").exclude(previous=None):
            if item.previous and item.previous.progress != item.progress:
                PlanItem.objects.filter(pk=item.pk).update(progress=item.previous.progress)
    PLAN.apply(plan, "agree", actor=actor)
    plan.agreed_by, plan.agreed_on, plan.remarks = mentor, clock.today(), ""
    plan.save(update_fields=["agreed_by", "agreed_on", "remarks"])
    reservist = plan.reservist
    event_happened(
        "plan.agreed",
        reservist,
        edition=reservist.edition,
        on=clock.today(),
        about=f"{plan}: {reservist}",
        responsible_user=reservist.user,
    )
    follow_plan(plan)
    open_due_reports(reservist=reservist)
    issue_plan(plan, actor=actor)
    deed = record_event("reservists.agree_plan", plan, actor=actor, person=reservist.user)
    _write(plan, "plan.agreed", deed.pk, {"plan": str(plan)})


@transaction.atomic
def send_copy(plan: DevelopmentPlan, *, actor: Any) -> None:
    """Send the copy of an agreed plan to the authorised body; the limit is kept (O4.9)."""
    plan = _locked(plan)
    PLAN.apply(plan, "send_copy", actor=actor)
    plan.copied_on = clock.today()
    plan.save(update_fields=["copied_on"])
    event_happened("plan.copied", plan.reservist, edition=plan.reservist.edition, on=plan.copied_on)
    record_event("reservists.send_plan_copy", plan, actor=actor, person=plan.reservist.user)


@transaction.atomic
def start_change(plan: DevelopmentPlan, *, reason: str, actor: Any) -> DevelopmentPlan:
    """Begin a new version of a plan in force; the old one holds until the mentor agrees the new (change sheet).

    Raises GateShut when a version is being written already.
    """
    plan = _locked(plan)
    versions = DevelopmentPlan.objects.filter(reservist=plan.reservist, year=plan.year)
    blockers = []
    if not plan.is_in_force:
        blockers.append(Blocker("Изменять можно согласованный план."))
    if DevelopmentPlan.objects.filter(previous=plan).exists():
        blockers.append(Blocker("Изменения уже вносятся."))
    require_open(blockers)
    last = versions.aggregate(last=Max("version"))["last"]
    change = DevelopmentPlan.objects.create(
        reservist=plan.reservist,
        year=plan.year,
        version=last + 1,
        previous=plan,
        change_reason=reason.strip()[:500],
        deficits=plan.deficits,
        goals=plan.goals,
    )
    fields = {*CONTENT, "progress"}
    PlanItem.objects.bulk_create(
        PlanItem(plan=change, previous=item, **{name: getattr(item, name) for name in fields})
        for item in plan.items.all()
    )
    PLAN.start(change, actor=actor, label="Изменение плана начато", reason=reason)
    record_event("reservists.change_plan", change, actor=actor, person=plan.reservist.user)
    return change


@transaction.atomic
def discard_change(plan: DevelopmentPlan, *, actor: Any) -> None:
    """Give up a change that was not agreed; the plan in force stays as it is. Raises GateShut for a first plan."""
    plan = _locked(plan)
    if plan.previous_id is None:
        require_open([Blocker("Первый план отменить нельзя: его нужно согласовать.")])
    PLAN.apply(plan, "discard", actor=actor)
    plan.previous = None
    plan.save(update_fields=["previous"])
    record_event("reservists.discard_plan_change", plan, actor=actor, person=plan.reservist.user)


@transaction.atomic
def mark_progress(item: PlanItem, *, progress: int, actor: Any) -> None:
    """Note how far a row of a plan in force is, in percent. Raises GateShut."""
    plan = _locked(item.plan)
    if not plan.is_in_force:
        require_open([Blocker("Отмечать выполнение можно в согласованном плане.")])
    if not 0 <= progress <= ALL_PERCENT:
        require_open([Blocker("Укажите от 0 до 100 %.", field="progress")])
    PlanItem.objects.filter(pk=item.pk, plan=plan).update(progress=progress)
    record_event(
        "reservists.mark_plan_progress", item, actor=actor, person=plan.reservist.user, progress=progress
    )


def changes_of(plan: DevelopmentPlan) -> list[dict[str, Any]]:
    """The change sheet: each version that was in force, why it came and what it changed, newest first."""
    sheet = []
    version: DevelopmentPlan | None = plan
    while version is not None and version.previous is not None:
        before = version.previous
        rows = changes_between(before, version)
        sheet.append({"version": version, "rows": rows})
        version = before
    return sheet


def changes_between(before: DevelopmentPlan, after: DevelopmentPlan) -> list[dict[str, str]]:
    """What two versions, one made from the other, differ in: texts first, then rows."""
    return text_changes(before, after) + change_sheet(before.items.all(), after.items.all())


def _locked(plan: DevelopmentPlan) -> DevelopmentPlan:
    return (
        DevelopmentPlan.objects.select_for_update(of=("self",))
        .select_related("reservist__user", "reservist__edition", "previous")
        .get(pk=plan.pk)
    )


def _open_plan(plan: DevelopmentPlan) -> DevelopmentPlan:
    plan = _locked(plan)
    if not plan.is_open:
        require_open([Blocker("План сейчас не редактируется.")])
    return plan


def _write(plan: DevelopmentPlan, kind: str, deed: int, values: Mapping[str, Any]) -> None:
    send_letter(kind, to=plan.reservist.user, key=f"{kind}:{plan.pk}:{deed}", values=dict(values), about=plan)
