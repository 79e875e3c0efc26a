"""Many applications at once from a ready archive: a check that changes nothing, then all or nothing (O3.2)."""

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_hex
from typing import Any

from django.db import transaction

from reserve_portal.accounts.models import User
from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, GateShut, require_open
from reserve_portal.core.jobs import enqueue_job

from ..archive import MAX_ARCHIVE, BadArchive, PersonRow, open_archive, read_archive, read_member
from ..archive_rows import Plan, Reader
from ..enums import ApplicationState, ArchiveState
from ..models import Application, ArchiveImport, Campaign, Profile
from ..perms import can_enter_applications
from ..uploads import MEGABYTE, AcceptedUpload, RejectedUpload, check_upload, clean_name
from ..workflow import ARCHIVE
from . import entry
from .applications import set_choices
from .consents import consents_of, store_paper_consent, texts_of
from .packages import limits_of, store_file
from .profiles import add_education, add_employment, save_profile

Progress = Callable[[int, int], None]
NEW, KNOWN, WRONG = "new", "known", "wrong"
JOBS = {
    ArchiveState.CHECKING: ("candidates.check_archive", "Проверка архива"),
    ArchiveState.APPLYING: ("candidates.apply_archive", "Внесение архива"),
}
WORKING = frozenset(JOBS)


@dataclass
class Prepared:
    """One person with the files that passed their check (their contents lie in a folder of their own)."""

    plan: Plan
    standing: str = NEW
    files: tuple[tuple[str, AcceptedUpload, Path], ...] = ()
    consents: tuple[tuple[str, AcceptedUpload, Path], ...] = ()


def lay_up_archive(upload: Any, *, campaign: Campaign, channel: str, actor: Any) -> ArchiveImport:
    """Keep an uploaded archive and begin its check as a job; raises GateShut for what is no archive or too large."""
    blockers = []
    if not can_enter_applications(actor):
        blockers.append(Blocker("Архив заявлений загружает оператор."))
    if channel not in entry.ENTERED_CHANNELS or campaign.state not in entry.RECEIVING:
        blockers.append(Blocker("В этот набор так внести заявления нельзя.", field="campaign"))
    if upload.size > MAX_ARCHIVE:
        blockers.append(
            Blocker(f"Архив больше {MAX_ARCHIVE // MEGABYTE} МБ: разделите его.", field="archive")
        )
    require_open(blockers)
    try:
        open_archive(upload)
    except BadArchive as bad:
        raise GateShut([Blocker(str(bad), field="archive")]) from None
    upload.seek(0)
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    with transaction.atomic():
        row = ArchiveImport(
            campaign=campaign,
            channel=channel,
            name=clean_name(upload.name or ""),
            sha256=digest.hexdigest(),
            created_by=actor,
        )
        row.file.save(f"{token_hex(16)}.zip", upload, save=False)
        row.save()
        ARCHIVE.start(row, actor=actor, label="Архив загружен")
        _enqueue(row, actor)
        record_event("candidates.lay_up_archive", row, actor=actor, sha256=row.sha256)
    return row


def check_archive(row: ArchiveImport, progress: Progress) -> dict[str, Any]:
    """Write down what each row would become; nothing else changes. Returns the counts."""
    with tempfile.TemporaryDirectory() as folder:
        report, _ = _prepare(row, Path(folder), progress)
    with transaction.atomic():
        ArchiveImport.objects.filter(pk=row.pk).update(report=report)
        if ARCHIVE.is_open(ArchiveImport.objects.get(pk=row.pk), "check"):
            ARCHIVE.apply(row, "check", actor=row.created_by)
    return {"rows": len(report["rows"]), "wrong": _count(report, WRONG)}


def may_apply(row: ArchiveImport) -> bool:
    """Say whether the checked archive may be entered: nothing is wrong and somebody is new."""
    report = row.report
    return (
        row.state == ArchiveState.CHECKED
        and not report.get("problems")
        and not _count(report, WRONG)
        and _count(report, NEW) > 0
    )


@transaction.atomic
def order_applying(row: ArchiveImport, *, actor: Any) -> None:
    """Enter the checked archive as a job; raises GateShut while anything is wrong with it."""
    row = ArchiveImport.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if not can_enter_applications(actor) or not may_apply(row):
        require_open([Blocker("Этот архив внести нельзя: исправьте ошибки и загрузите его снова.")])
    ARCHIVE.apply(row, "order", actor=actor)
    _enqueue(row, actor)


@transaction.atomic
def retry_job(row: ArchiveImport, *, actor: Any) -> None:
    """Run the failed check or entering anew; does nothing to one that runs or is done."""
    if row.state in WORKING and can_enter_applications(actor):
        _enqueue(row, actor)


def apply_archive(row: ArchiveImport, progress: Progress) -> dict[str, Any]:
    """Enter everybody who is new, all or nothing; the archive is destroyed afterwards. Run twice it does it once."""
    if ArchiveImport.objects.get(pk=row.pk).state == ArchiveState.APPLIED:
        return row.report.get("counts", {})
    with tempfile.TemporaryDirectory() as folder:
        report, people = _prepare(row, Path(folder), progress)
        if report["problems"] or _count(report, WRONG):
            with transaction.atomic():
                ArchiveImport.objects.filter(pk=row.pk).update(report=report)
                ARCHIVE.apply(row, "fail", actor=row.created_by, reason="При внесении нашлись ошибки")
            return {"entered": 0}
        return _enter_all(row, people, report)


@transaction.atomic
def drop_archive(row: ArchiveImport, *, actor: Any) -> None:
    """Destroy an archive that was not entered; raises TransitionRefused while it is being worked on."""
    ARCHIVE.apply(row, "drop", actor=actor)
    _destroy_file(row)
    record_event("candidates.drop_archive", row, actor=actor)


def _enter_all(row: ArchiveImport, people: list[Prepared], report: dict[str, Any]) -> dict[str, Any]:
    stored: list[Any] = []
    entered = []
    try:
        with transaction.atomic():
            locked = ArchiveImport.objects.select_for_update(of=("self",)).get(pk=row.pk)
            if locked.state == ArchiveState.APPLIED:
                return {}
            for person in people:
                if person.standing == NEW:
                    entered.append(_enter(row, person, stored).pk)
            counts = {"entered": len(entered)}
            ArchiveImport.objects.filter(pk=row.pk).update(report=report | {"counts": counts})
            ARCHIVE.apply(row, "apply", actor=row.created_by)
            _destroy_file(row)
            record_event("candidates.apply_archive", row, actor=row.created_by, applications=entered)
    except BaseException:
        for file in stored:  # rows are undone by the database, files by us
            file.storage.delete(str(file.name))
        raise
    return counts


def _enter(row: ArchiveImport, person: Prepared, stored: list[Any]) -> Application:
    plan, actor = person.plan, row.created_by
    assert plan.received_at is not None
    names = {name: plan.row.cells[name] for name in ("last_name", "first_name", "patronymic")}
    application = entry.begin_entry(
        actor=actor,
        campaign=row.campaign,
        channel=row.channel,
        received_at=plan.received_at,
        email=plan.row.cells["email"],
        **names,
    )
    profile = Profile.objects.get(user=application.user)
    save_profile(profile, actor=actor, version=profile.version, **plan.profile)
    _add_rows(profile, plan, actor)
    set_choices(application, actor=actor, nominations=plan.nominations, groups=plan.groups)
    texts = {text.kind: text for text in texts_of(row.campaign.edition)}
    given = {text.kind for text, consent in consents_of(application.user, row.campaign.edition) if consent}
    for kind, accepted, path in person.consents:
        if kind not in given and plan.consented_on is not None:
            whole = replace(accepted, content=path.read_bytes())
            consent = store_paper_consent(
                application.user, text=texts[kind], given_on=plan.consented_on, accepted=whole, actor=actor
            )
            stored.append(consent.proof)
    slots = {item.document_type.code: item for item in application.items.select_related("document_type")}
    for code, accepted, path in person.files:
        whole = replace(accepted, content=path.read_bytes())
        stored.append(store_file(slots[code], whole, actor=actor).file)
    return entry.finish_entry(application, actor=actor, incomplete=True)


def _add_rows(profile: Profile, plan: Plan, actor: Any) -> None:
    """Diplomas and periods that a known person has told already are not added a second time."""
    known = set(profile.education.values_list("level", "field", "year", "speciality"))
    for fields in plan.education:
        if (fields["level"], fields["field"], fields["year"], fields["speciality"]) not in known:
            add_education(profile, actor=actor, **fields)
    worked = set(profile.employment.values_list("kind", "since", "organisation"))
    for fields in plan.work:
        if (fields["kind"], fields["since"], fields["organisation"]) not in worked:
            add_employment(profile, actor=actor, **fields)


def _prepare(row: ArchiveImport, folder: Path, progress: Progress) -> tuple[dict[str, Any], list[Prepared]]:
    """Read and check everything; contents that passed are laid into `folder`."""
    report: dict[str, Any] = {"problems": [], "rows": []}
    people: list[Prepared] = []
    edition = row.campaign.edition
    try:
        with row.file.open("rb") as stream:
            archive = open_archive(stream)
            found = read_archive(archive)
            report["problems"] = found.problems
            reader = Reader(edition)
            doubles = _doubles(found.people)
            for number, person_row in enumerate(found.people, start=1):
                plan = reader.plan(person_row)
                plan.problems += doubles.get(person_row.number, [])
                person = _check_person(row, plan)
                if person.standing == NEW:
                    _check_files(archive, person, edition, folder / str(number))
                people.append(person)
                report["rows"].append(_described(person, edition))
                progress(number, len(found.people))
    except BadArchive as bad:
        report["problems"].append(str(bad))
    return report, people


def _doubles(people: list[PersonRow]) -> dict[int, list[str]]:
    """Rows that name an address or a folder of an earlier row."""
    found: dict[int, list[str]] = {}
    for name, label in (("email", "Адрес почты"), ("folder", "Папка")):
        seen: dict[str, int] = {}
        for person in people:
            value = person.cells[name].casefold()
            if value in seen:
                found.setdefault(person.number, []).append(f"{label}: уже есть в строке {seen[value]}.")
            seen.setdefault(value, person.number)
    return found


def _check_person(row: ArchiveImport, plan: Plan) -> Prepared:
    person = Prepared(plan)
    if plan.received_at is None or plan.problems:
        return person
    user = User.objects.filter(email__iexact=plan.row.cells["email"]).first()
    standing = (
        Application.objects.filter(user=user, campaign=row.campaign)
        .exclude(state=ApplicationState.WITHDRAWN)
        .first()
        if user
        else None
    )
    if standing is not None and _is_same(standing, plan):
        person.standing = KNOWN
        return person
    blockers = entry.receipt_blockers(row.campaign, plan.received_at)
    if user is not None:
        blockers += entry.person_blockers(user, row.campaign, row.created_by)
        if user.last_name.casefold() != plan.row.cells["last_name"].casefold():
            blockers.append(Blocker(f"С этим адресом на портале зарегистрирован(а) {user.full_name}."))
    given = (
        {text.kind for text, consent in consents_of(user, row.campaign.edition) if consent} if user else set()
    )
    blockers += [
        Blocker(f"Нет скана: {text.title}.")
        for text in texts_of(row.campaign.edition)
        if text.required and text.kind not in plan.consents and text.kind not in given
    ]
    if standing is not None and not blockers:
        blockers.append(Blocker("Это заявление кто-то уже начал вносить: закончите или отмените внесение."))
    plan.problems += [blocker.text for blocker in blockers]
    return person


def _is_same(standing: Application, plan: Plan) -> bool:
    """Say whether this row was entered before: an application from paper of the same day of receipt."""
    if standing.entered_by_id is None or standing.submitted_at is None or plan.received_at is None:
        return False
    return clock.local(standing.submitted_at).date() == clock.local(plan.received_at).date()


def _check_files(archive: Any, person: Prepared, edition: Any, folder: Path) -> None:
    """Judge each file by its content and keep what is to be stored."""
    limits, plan = limits_of(edition), person.plan
    folder.mkdir()
    size = 0

    def check(member: str) -> tuple[AcceptedUpload, Path] | None:
        nonlocal size
        data = read_member(archive, member, limits.max_bytes)
        try:
            accepted = check_upload(member, data, limits)
        except RejectedUpload as rejected:
            plan.problems.append(rejected.message)
            return None
        path = folder / token_hex(8)
        path.write_bytes(accepted.content)
        size += len(accepted.content)
        return replace(accepted, content=b""), path

    consents = [(kind, check(member)) for kind, member in plan.consents.items()]
    documents = [(code, check(member)) for code, member in plan.documents]
    person.consents = tuple((kind, *passed) for kind, passed in consents if passed)
    person.files = tuple((code, *passed) for code, passed in documents if passed)
    if size > edition.value("max_package_mb") * MEGABYTE:
        plan.problems.append(f"Пакет больше {edition.value('max_package_mb')} МБ.")


def _described(person: Prepared, edition: Any) -> dict[str, Any]:
    """The row of the report."""
    plan = person.plan
    if plan.problems:
        person.standing = WRONG
    cells = plan.row.cells
    have = {code for code, _ in plan.documents}
    lacks = [
        kind.name
        for kind in edition.document_types.all()
        if kind.is_required_for(plan.nominations) and not kind.only_for_return and kind.code not in have
    ]
    return {
        "row": plan.row.number,
        "person": " ".join(cells[name] for name in ("last_name", "first_name", "patronymic") if cells[name]),
        "email": cells["email"],
        "files": len(plan.row.files),
        "state": person.standing,
        "problems": plan.problems,
        "lacks": lacks if person.standing == NEW else [],
    }


def _count(report: dict[str, Any], state: str) -> int:
    return sum(line["state"] == state for line in report.get("rows", []))


def _enqueue(row: ArchiveImport, actor: Any) -> None:
    kind, title = JOBS[ArchiveState(row.state)]
    row.job = enqueue_job(
        kind, key=f"{kind}:{row.pk}", title=f"{title}: {row.name}", params={"archive": row.pk}, actor=actor
    )
    row.save(update_fields=["job"])


def _destroy_file(row: ArchiveImport) -> None:
    """Personal data that are entered, or never will be, are not kept a second time."""
    name, storage = str(row.file.name), row.file.storage
    ArchiveImport.objects.filter(pk=row.pk).update(file="")
    transaction.on_commit(lambda: storage.delete(name))
