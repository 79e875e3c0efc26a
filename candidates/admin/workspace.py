"""What the operator's page of one application shows."""

from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from reserve_portal.audit.services import record_read
from reserve_portal.core.timeline import timeline_of
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.models import Deadline

from ..enums import ApplicationState, Verdict
from ..intake_forms import FindingForm, VerdictForm
from ..models import Application, PackageFile, PackageItem
from ..services.claims import claimed_by_others
from ..services.packages import is_excused, slots_of
from ..services.review import required_unchecked
from ..summary import summary_of
from ..uploads import EXTENSIONS
from ..workflow import APPLICATION
from .application_deeds import DEEDS

PICTURES_AT_ONCE = 6  # the rest is a link away
DEED_KEYS = {"register": "F", "finish_review": "F", "request_correction": "R"}
PICTURED = {"pdf", "jpeg", "jpg", "png"}
TONES = {
    Verdict.PENDING: ("neutral", "hourglass"),
    Verdict.ACCEPTED: ("success", "check-circle"),
    Verdict.CORRECT: ("warning", "pencil"),
    Verdict.REFUSED: ("danger", "x-circle"),
    Verdict.EXCUSED: ("info", "chat-left-text"),
}
REVIEW_IS_OVER = (ApplicationState.REVIEWED, ApplicationState.CORRECTION, ApplicationState.REFUSED)
STATE_TONES = {
    ApplicationState.SUBMITTED: "info",
    ApplicationState.REGISTERED: "info",
    ApplicationState.CORRECTION: "warning",
    ApplicationState.REVIEWED: "success",
    ApplicationState.REFUSED: "danger",
}


@dataclass(frozen=True)
class Slot:
    """A document of the package as the list beside the verdict shows it."""

    item: PackageItem
    url: str
    current: bool
    tone: str
    icon: str
    required: bool


@dataclass(frozen=True)
class Shown:
    """A file of the chosen document: pictures made by the server, and where the rest is."""

    file: PackageFile
    pictures: list[str]
    more: int


def context_of(
    application: Application,
    request: HttpRequest,
    *,
    item_pk: str | None = None,
    verdict_form: VerdictForm | None = None,
    finding_form: tuple[int, FindingForm] | None = None,
) -> dict[str, Any]:
    """Everything of the page; a form that was not accepted comes back as it was typed."""
    items = list(slots_of(application))
    chosen = _chosen(items, item_pk)
    reviewing = application.state == ApplicationState.REGISTERED
    if chosen is not None:
        chosen.application = application
        for file in filter(lambda file: file.may_be_opened, chosen.present_files):
            record_read(file, actor=request.user, person=application.user, what="candidates.review_file")
    return {
        **bare_context_of(application),
        "slots": [_slot(application, item, chosen) for item in items],
        "chosen": chosen,
        "shown": [_shown(file) for file in chosen.present_files] if chosen else [],
        "earlier_verdicts": _earlier_verdicts(chosen) if chosen else [],
        "earlier_files": list(chosen.files.exclude(removed_at=None)) if chosen else [],
        "verdict_form": (verdict_form or VerdictForm(item=chosen)) if reviewing and chosen else None,
        "previous_item": _neighbour(application, items, chosen, -1),
        "next_item": _neighbour(application, items, chosen, 1),
        "findings": _findings(application, reviewing, finding_form),
        "reviewing": reviewing,
        "dossier_url": f"{reverse('admin:candidates_application_dossier')}?ids={application.pk}",
        "deeds": [
            (
                DEEDS[item.name].title,
                reverse("admin:candidates_application_deed", args=[application.pk, item.name]),
                DEED_KEYS.get(item.name, ""),
            )
            for item in APPLICATION.open_from(application.state)
            if item.name in DEEDS and not (item.name == "refuse" and is_excused(application))
        ],
        "previous_application": _next_application(application, request.user, backwards=True),
        "next_application": _next_application(application, request.user),
        "papers": list(
            IssuedPaper.objects.filter(
                content_type=ContentType.objects.get_for_model(Application), object_id=application.pk
            )
        ),
        "profile_facts": _profile_facts(application),
        "education": application.snapshot.get("education", []),
        "employment": application.snapshot.get("employment", []),
    }


def bare_context_of(application: Application) -> dict[str, Any]:
    """What an auditor sees too: the way of the case, without papers and questionnaire."""
    registration = getattr(application, "registration", None)
    return {
        "title": f"{application.user.full_name}{f', {registration}' if registration else ''}",
        "application": application,
        "registration": registration,
        "state_tone": STATE_TONES.get(ApplicationState(application.state), "neutral"),
        "summary": summary_of(application),
        "deadlines": [
            (row, _what_closes(row, application))
            for row in Deadline.objects.about(application).select_related("limit").order_by("due_on")
        ],
        "tracks": list(application.tracks.select_related("target_group")),
        "timeline": timeline_of([application, *application.tracks.all()]),
    }


def _what_closes(deadline: Deadline, application: Application) -> str:
    """What ends the limit for a refusal where it is not plain from its words: the package may be complete (O3.8)."""
    if not deadline.is_open or deadline.limit.closes != "application.completeness_checked":
        return ""
    left = len(required_unchecked(application))
    return f"Срок закроется сам, когда решение будет по каждому обязательному документу: осталось {left}."


def address(application: Application, item: PackageItem | None = None) -> str:
    """The page of an application, opened on one of its documents."""
    url = reverse("admin:candidates_application_change", args=[application.pk])
    return f"{url}?item={item.pk}#review" if item else url


def next_unchecked(application: Application, after: PackageItem) -> PackageItem:
    """The next document without a verdict, the one just judged when there is none."""
    items = list(slots_of(application))
    place = next((index for index, item in enumerate(items) if item.pk == after.pk), 0)
    ordered = items[place + 1 :] + items[:place]
    return next((item for item in ordered if item.verdict == Verdict.PENDING and item.present_files), after)


def _chosen(items: list[Any], pk: str | None) -> Any:
    """The document asked for, else the first that wants a verdict, else the first."""
    by_pk = {str(item.pk): item for item in items}
    if pk in by_pk:
        return by_pk[pk]
    waiting = (item for item in items if item.verdict == Verdict.PENDING and item.present_files)
    return next(waiting, items[0] if items else None)


def _slot(application: Application, item: PackageItem, chosen: PackageItem | None) -> Slot:
    tone, icon = TONES[Verdict(item.verdict)]
    return Slot(
        item,
        address(application, item),
        item == chosen,
        tone,
        icon,
        item.document_type.is_required_for(application.nominations),
    )


def _shown(file: PackageFile) -> Shown:
    if not file.may_be_opened or EXTENSIONS.get(file.kind, file.kind) not in PICTURED:
        return Shown(file, [], 0)
    last = min(file.pages, PICTURES_AT_ONCE)
    pictures = [reverse("candidates:page", args=[file.pk, number]) for number in range(1, last + 1)]
    return Shown(file, pictures, file.pages - last)


def _neighbour(application: Application, items: list[Any], chosen: Any, step: int) -> str:
    if chosen is None:
        return ""
    place = items.index(chosen) + step
    return address(application, items[place]) if 0 <= place < len(items) else ""


def _earlier_verdicts(item: PackageItem) -> list[Any]:
    """Verdicts given before the one that stands; all of them when a replaced file waits for its own."""
    rows = list(item.verdicts.select_related("ground", "reviewed_by"))
    return rows if item.verdict == Verdict.PENDING else rows[1:]


def _findings(
    application: Application, reviewing: bool, bound: tuple[int, FindingForm] | None
) -> list[tuple[Any, FindingForm | None, str]]:
    rows = []
    for finding in application.findings.select_related("requirement", "confirmed_by"):
        form = None
        if reviewing:
            own = bound is not None and bound[0] == finding.pk
            form = bound[1] if own and bound else FindingForm(finding=finding, prefix=f"f{finding.pk}")
        tone = {True: "success", False: "danger", None: "warning"}[finding.holds]
        rows.append((finding, form, tone))
    return rows


def _next_application(application: Application, user: Any, *, backwards: bool = False) -> str:
    """The neighbour in the same campaign and state, in the order of coming, on which nobody else works.

    From an application whose review is over the way leads on to the first that still waits for one.
    """
    goes_on = application.state in REVIEW_IS_OVER and not backwards
    state = ApplicationState.REGISTERED if goes_on else application.state
    same = Application.objects.filter(campaign=application.campaign_id, state=state)
    same = same.exclude(pk__in=claimed_by_others(user)).exclude(user=user)
    at = application.submitted_at
    if goes_on:
        found = same.order_by("submitted_at", "pk")
    elif backwards:
        before = Q(submitted_at__lt=at) | Q(pk__lt=application.pk)
        found = same.filter(before, submitted_at__lte=at).order_by("-submitted_at", "-pk")
    else:
        after = Q(submitted_at__gt=at) | Q(pk__gt=application.pk)
        found = same.filter(after, submitted_at__gte=at).order_by("submitted_at", "pk")
    pk = found.values_list("pk", flat=True).first()
    return reverse("admin:candidates_application_change", args=[pk]) if pk else ""


def _profile_facts(application: Application) -> list[tuple[str, Any]]:
    profile = application.snapshot.get("profile", {})
    born = profile.get("birth_date") or ""
    return [
        ("Дата рождения", ".".join(reversed(born.split("-"))) if born else ""),
        ("Гражданство", profile.get("citizenship_label", "")),
        ("Телефон", profile.get("phone", "")),
        ("Почта", application.user.email),
        ("Муниципальное образование", profile.get("municipality", "")),
        ("Место работы", profile.get("organisation_name", "")),
        ("Должность", profile.get("post", "")),
        ("Категория", profile.get("category", "")),
        ("Достижения", profile.get("achievements", "")),
    ]
