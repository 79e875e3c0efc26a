"""The dossier: everything about one application, or of a whole campaign, as a ZIP that a person can read."""

import re
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.template.loader import render_to_string

from reserve_portal.accounts.enums import Role
from reserve_portal.audit.services import record_event, record_read
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.job_files import keep_file
from reserve_portal.core.jobs import enqueue_job, job, report_progress
from reserve_portal.core.models import Job
from reserve_portal.core.timeline import timeline_of
from reserve_portal.notifications.models import Letter
from reserve_portal.papers.models import IssuedPaper

from ..enums import ApplicationState
from ..models import Application, ApplicationTrack, PackageFile
from ..summary import summary_of
from .receipts import render_form
from .snapshots import readable_answers

KIND = "candidates.dossier"
FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]')
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
LONGEST = 80  # characters of one name: with its folders it stays below what Windows can open
COPY_BYTES = 1 << 20


def request_dossier(rows: models.QuerySet[Any], *, title: str, key: str, actor: Any) -> Job:
    """Put the dossier of these applications to a job; its file is for `actor` alone. Once per `key`.

    Drafts and the actor's own application stay out. Raises GateShut for whoever is no operator and for nothing to pack.
    """
    if not actor.has_role(Role.OPERATOR):
        require_open([Blocker("Досье собирает оператор.")])
    pks = list(packable(rows, actor).order_by("pk").values_list("pk", flat=True))
    if not pks:
        require_open([Blocker("Собирать нечего: поданных заявлений нет.")])
    return enqueue_job(
        KIND,
        key=f"{KIND}:{actor.pk}:{key}:{clock.now():%Y%m%d%H%M}",
        title=f"Досье: {title}"[:200],
        params={"applications": pks},
        actor=actor,
    )


@job(KIND)
def pack_dossier(row: Job) -> dict[str, Any]:
    """Write the ZIP, one folder for each application; each person's reading is recorded."""
    pks = row.params["applications"]
    actor: Any = row.created_by
    report_progress(row, 0, len(pks))
    with keep_file(row, f"{safe_name(row.title)}.zip") as out, zipfile.ZipFile(out, "w") as archive:
        taken: set[str] = set()
        for done, pk in enumerate(pks, start=1):
            application = Application.objects.select_related("user", "campaign__edition", "registration").get(
                pk=pk
            )
            with transaction.atomic():
                record_read(application, actor=actor, person=application.user, what="candidates.dossier")
                pack_application(archive, application, unique(folder_name(application), taken))
            report_progress(row, done, len(pks))
    record_event("candidates.pack_dossier", None, actor=actor, applications=len(pks), title=row.title)
    return {"applications": len(pks)}


def pack_application(archive: zipfile.ZipFile, application: Application, folder: str) -> None:
    """Put one application into the archive below `folder`: summary, form, files, papers, letters."""
    taken: set[str] = set()

    def put(name: str, content: bytes) -> None:
        archive.writestr(_entry(f"{folder}/{unique(name, taken)}"), content, zipfile.ZIP_DEFLATED)

    put("Сведения.txt", _text("candidates/dossier/about.txt", about_context(application)))
    put("Заявление.pdf", render_form(application))
    for name, file in _stored_files(application):
        with (
            file.open("rb") as source,
            archive.open(_entry(f"{folder}/{unique(name, taken)}"), "w") as target,
        ):
            _copy(source, target)
    for letter in letters_about(application):
        context = {"letter": letter}
        put(
            f"Письма/{clock.local(letter.created_at):%Y-%m-%d} {safe_name(letter.subject_line)}.txt",
            _text("candidates/dossier/letter.txt", context),
        )


def about_context(application: Application) -> dict[str, Any]:
    """What the readable summary of a dossier says."""
    tracks = list(application.tracks.select_related("target_group"))
    items = application.items.select_related("document_type", "ground", "reviewed_by")
    findings = application.findings.select_related("requirement", "confirmed_by")
    return {
        "application": application,
        "registration": getattr(application, "registration", None),
        "summary": summary_of(application),
        "answers": readable_answers(application.snapshot),
        "tracks": tracks,
        "items": items.prefetch_related("files"),
        "findings": findings,
        "timeline": timeline_of([application, *tracks]),
        "made_at": clock.now(),
    }


def letters_about(application: Application) -> models.QuerySet[Letter]:
    """The letters to the person about this application and its tracks, oldest first."""
    type_of = ContentType.objects.get_for_model
    tracks = application.tracks.values("pk")
    about = models.Q(content_type=type_of(Application), object_id=application.pk)
    about |= models.Q(content_type=type_of(ApplicationTrack), object_id__in=tracks)
    return Letter.objects.filter(about, in_cabinet=True).order_by("pk")


def folder_name(application: Application) -> str:
    registration = getattr(application, "registration", None)
    number = registration.text if registration else f"заявление {application.pk}"
    return safe_name(f"{number} {application.user.full_name}")


def safe_name(name: str) -> str:
    """A name for an entry of an archive: no path, no sign that some system refuses, never empty or too long.

    The ending of a file's name survives the cut.
    """
    name = FORBIDDEN.sub(" ", name)
    name = " ".join(name.split()).strip(" .")
    stem, dot, ending = name.rpartition(".")
    if dot and 0 < len(ending) <= 5:
        name = f"{stem[: LONGEST - len(ending) - 1].rstrip(' .')}.{ending}"
    else:
        name = name[:LONGEST].rstrip(" .")
    if not name or name.startswith("."):
        name = f"файл{name}"
    return f"_{name}" if RESERVED.match(name) else name


def unique(name: str, taken: set[str]) -> str:
    """Return the name, or the name with a number where another entry has it (systems ignore case)."""
    stem, dot, ending = name.rpartition(".")
    if not dot or "/" in ending:
        stem, dot, ending = name, "", ""
    found, number = name, 1
    while found.casefold() in taken:
        number += 1
        found = f"{stem} ({number}){dot}{ending}"
    taken.add(found.casefold())
    return found


def packable(rows: models.QuerySet[Any], actor: Any) -> models.QuerySet[Any]:
    """Those of `rows` that a dossier holds: submitted, and not the actor's own."""
    return rows.exclude(state=ApplicationState.DRAFT).exclude(submitted_at=None).exclude(user=actor)


def _stored_files(application: Application) -> Iterator[tuple[str, Any]]:
    """(name in the archive, stored file) of the package, replaced files apart, and of the issued papers."""
    rows = PackageFile.objects.filter(item__application=application)
    rows = rows.select_related("item__document_type").order_by("item__document_type__order", "pk")
    for row in rows:
        if row.file.storage.exists(str(row.file.name)):
            part = "Документы" if row.removed_at is None else "Заменённые документы"
            yield f"{part}/{safe_name(str(row.item.document_type))}/{safe_name(row.original_name)}", row.file
    for paper in IssuedPaper.objects.about(application).order_by("pk"):
        if paper.file.storage.exists(str(paper.file.name)):
            yield f"Выданные документы/{safe_name(f'{paper}')}.pdf", paper.file


def _entry(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, clock.local(clock.now()).timetuple()[:6])


def _copy(source: IO[bytes], target: IO[bytes]) -> None:
    while chunk := source.read(COPY_BYTES):
        target.write(chunk)


def _text(template: str, context: dict[str, Any]) -> bytes:
    """A text for people: with the mark by which Windows knows UTF-8, and its line ends."""
    lines = [line.rstrip() for line in render_to_string(template, context).splitlines()]
    kept = [line for index, line in enumerate(lines) if line or (index and lines[index - 1])]
    return ("\r\n".join(kept) + "\r\n").encode("utf-8-sig")
