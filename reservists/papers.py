"""Papers of the reserve: the registry, full and public, and the list of those not included (T4)."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string

from commissions.models import DecisionList
from commissions.motions import table_row
from commissions.services import basis_of
from reserve_portal.accounts.enums import Role
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.jobs import report_progress
from reserve_portal.core.models import Job
from reserve_portal.papers.kinds import PaperKind, register_paper
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.render import html_to_pdf
from reserve_portal.papers.services import check_url, draft_paper, issue_paper, store_paper, store_words

from . import event_papers, leaving_papers  # noqa: F401  (kinds of papers of events, attestation, leaving)
from .models import DevelopmentPlan, MentorReport, PlanReport, RegistryEdition
from .services.registry import BATCH, batched, shown_rows
from .services.registry_pdf import CHUNK, registry_pdf, registry_words


def may_read_registry(user: Any, paper: IssuedPaper) -> bool:
    """The full registry is confidential (O8.3): authority and auditor beside the operator (process.md 12)."""
    return user.has_any_role(Role.AUTHORITY, Role.AUDITOR)


REGISTRY = register_paper(
    PaperKind(
        code="registry",
        title="Реестр кадрового резерва",
        template="reservists/pdf/registry.html",
        number="{number}",
        series="registry-paper",
        may_read=may_read_registry,
        landscape=True,
    )
)
PUBLIC_FORM = register_paper(
    PaperKind(
        code="registry_public",
        title="Список резервистов",
        template="reservists/pdf/public_list.html",
        number="{number}/п",
        series="registry-public",
        may_read=may_read_registry,
    )
)
NOT_INCLUDED = register_paper(
    PaperKind(
        code="not_included",
        title="Список не включённых в кадровый резерв",
        template="reservists/pdf/not_included.html",
        number="{number}/{year}",
        series="not-included:{year}",
        may_read=may_read_registry,
    )
)


def may_read_plan(user: Any, paper: IssuedPaper) -> bool:
    """Whoever may see the plan (process.md 12, row «plans and reports»)."""
    return DevelopmentPlan.objects.visible_to(user).filter(pk=paper.object_id or 0).exists()


def may_read_report(user: Any, paper: IssuedPaper) -> bool:
    """Whoever may see the report."""
    return PlanReport.objects.visible_to(user).filter(pk=paper.object_id or 0).exists()


DEVELOPMENT_PLAN = register_paper(
    PaperKind(
        code="development_plan",
        title="Индивидуальный план развития",
        template="reservists/pdf/development_plan.html",
        number="ИПР-{year}-{number:04d}",
        series="development-plan:{year}",
        may_read=may_read_plan,
        landscape=True,
    )
)
PLAN_REPORT = register_paper(
    PaperKind(
        code="plan_report",
        title="Квартальный отчёт о плане развития",
        template="reservists/pdf/plan_report.html",
        number="ОТ-{year}-{number:04d}",
        series="plan-report:{year}",
        may_read=may_read_report,
        landscape=True,
    )
)

# What the full registry shows on paper: heading and the keys of the snapshot's row that share the cell.
_PAPER_COLUMNS = (
    ("number", "Рег. №", ("number",)),
    ("name", "Фамилия, имя, отчество, дата рождения", ("name", "birth_date")),
    ("municipality", "Муниципальное образование", ("municipality",)),
    ("work", "Место работы, должность", ("work",)),
    ("education", "Образование, переподготовка; стаж", ("education", "experience")),
    ("group", "Целевая группа", ("group",)),
    ("points", "Баллы", ("points",)),
    ("zone", "Зона", ("zone",)),
    ("rank", "Место", ("rank",)),
    ("basis", "Дата и основание включения", ("included_on", "basis")),
    ("events", "Участий", ("events",)),
)


def may_read_mentor_report(user: Any, paper: IssuedPaper) -> bool:
    """Whoever may see the mentor's report."""
    return MentorReport.objects.visible_to(user).filter(pk=paper.object_id or 0).exists()


MENTOR_REPORT = register_paper(
    PaperKind(
        code="mentor_report",
        title="Отчёт наставника",
        template="reservists/pdf/mentor_report.html",
        number="ОН-{year}-{number:04d}",
        series="mentor-report:{year}",
        may_read=may_read_mentor_report,
    )
)


def issue_registry_paper(registry: RegistryEdition, job: Job) -> IssuedPaper:
    """Issue the full registry as PDF, once: a registry that has its paper keeps it (T4, O3.23).

    The file of one of a single piece is made after the commit, as of any other paper.
    """
    if registry.paper is not None:
        return registry.paper
    paper, context, rows = _registry_paper(registry, actor=job.created_by)
    store = _drawn(paper, REGISTRY.template, rows, registry.size, context, job)
    with transaction.atomic():
        locked = RegistryEdition.objects.select_for_update(of=("self",)).get(pk=registry.pk)
        if locked.paper_id is None:
            store()
            RegistryEdition.objects.filter(pk=registry.pk).update(paper=paper)
    registry.refresh_from_db(fields=["paper"])
    return registry.paper or paper


def _drawn(
    paper: IssuedPaper, template: str, rows: Iterable[Any], total: int, context: dict[str, Any], job: Job
) -> Callable[[], IssuedPaper]:
    """Do the long part of issuing `paper`; returns what stores it within the caller's transaction."""
    if total <= CHUNK:
        html = registry_words(template, rows, total, context)
        report_progress(job, total, max(total, 1))
        return lambda: store_words(paper, html, actor=job.created_by)
    pdf = registry_pdf(
        template, rows, total, context, progress=lambda done: report_progress(job, done, total)
    )
    return lambda: store_paper(paper, pdf, actor=job.created_by)


def plain_registry(registry: RegistryEdition) -> bytes:
    """The full registry as one document, whatever it costs: what a measurement compares the pieces with."""
    _, context, rows = _registry_paper(registry, actor=None)
    whole = {"rows": list(rows), "start": 0, "first": True, "last": True, "merged": False}
    return html_to_pdf(render_to_string(REGISTRY.template, {**context, **whole}), tagged=False)


def _registry_paper(
    registry: RegistryEdition, *, actor: Any
) -> tuple[IssuedPaper, dict[str, Any], Iterator[list[str]]]:
    """The full registry's paper, not stored yet, what its template shows, and its rows one after another."""
    edition = registry.edition
    columns = _columns(edition)
    paper = draft_paper(
        REGISTRY.code,
        registry,
        number=str(registry.number),
        actor=actor,
        dated=registry.approved_on,
        title=str(registry),
    )
    context = {
        "paper": paper,
        "check_url": check_url(paper),
        "registry": registry,
        "edition": edition,
        "total": registry.size,
        "columns": [{"key": key, "heading": heading} for key, heading, _ in columns],
        "signed_by": actor.short_name if actor else "",
    }
    return paper, context, (_cells(row.cells, columns) for row in registry.lines_in_order())


def issue_public_list(registry: RegistryEdition, job: Job) -> IssuedPaper:
    """Make the public form as PDF: names by the consents of this moment, no dates, addresses or points (T4)."""
    number = f"{registry.number}/п-{job.pk}"
    paper = draft_paper(PUBLIC_FORM.code, registry, number=number, actor=job.created_by)
    context = {
        "paper": paper,
        "check_url": check_url(paper),
        "registry": registry,
        "edition": registry.edition,
        "total": registry.size,
    }
    batches = batched(registry.lines_in_order(), BATCH)
    rows = (row for batch in batches for row in shown_rows(batch))
    store = _drawn(paper, PUBLIC_FORM.template, rows, registry.size, context, job)
    with transaction.atomic():
        return IssuedPaper.objects.filter(kind=PUBLIC_FORM.code, number=number).first() or store()


@transaction.atomic
def issue_not_included(decision_list: DecisionList, *, actor: Any) -> IssuedPaper:
    """Issue the list of those who did not get in, with points and reasons (T4): an annex of the protocol.

    Before the decision it shows the proposals. Raises GateShut when nobody is on it.
    """
    lines = [line for line in decision_list.lines.order_by("label", "pk") if not line.standing]
    if not lines:
        require_open([Blocker("В этом списке нет тех, кто не включён.")])
    by_groups = decision_list.edition.target_groups.count() > 1
    columns = (("group", "Целевая группа"),) if by_groups else ()
    rows = [
        {
            "name": table_row(line, columns)["name"],
            "number": line.details.get("number", ""),
            "municipality": line.details.get("municipality", ""),
            "group": line.details.get("group", ""),
            "points": line.details.get("points", ""),
            "reason": line.outcome_reason or line.proposal_reason,
        }
        for line in lines
    ]
    context = {
        "edition": decision_list.edition,
        "list": decision_list,
        "basis": basis_of(decision_list),
        "rows": rows,
        "by_groups": by_groups,
        "signed_by": actor.short_name,
    }
    return issue_paper(NOT_INCLUDED.code, decision_list, context, actor=actor, dated=decision_list.decided_on)


def _columns(edition: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    """Columns that say something under this edition: no zone where there are none, no group where there is one."""
    hidden = set()
    if not edition.value("zones"):
        hidden.add("zone")
    if edition.value("advantage") != "events":
        hidden.add("events")
    if edition.target_groups.count() < 2:
        hidden.add("group")
    return [column for column in _PAPER_COLUMNS if column[0] not in hidden]


def _cells(row: dict[str, Any], columns: list[tuple[str, str, tuple[str, ...]]]) -> list[str]:
    return [
        ", ".join(str(row[key]) for key in keys if row.get(key) not in (None, "")) or "—"
        for _, _, keys in columns
    ]
