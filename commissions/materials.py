"""What lies before the voters: files added to an item, and the papers of the stages, kept with their SHA-256."""

from typing import Any

from django.core.files.base import File
from django.db import transaction

from reserve_portal.audit.services import record_event
from reserve_portal.core.gates import Blocker, require_open

from .enums import ItemState, MeetingState
from .files import sha256_of
from .models import AgendaItem, DecisionLine, Material, SeenPaper
from .motions import motion_of


@transaction.atomic
def add_material(
    item: AgendaItem, *, title: str, file: File, line: DecisionLine | None = None, actor: Any
) -> Material:
    """Add a file for the voters, about the item or one person of it; raises GateShut once the voting has begun."""
    item = AgendaItem.objects.select_for_update(of=("self",)).select_related("meeting").get(pk=item.pk)
    require_open(material_blockers(item, line))
    material = Material.objects.create(
        item=item, line=line, title=title.strip(), file=file, sha256=sha256_of(file), added_by=actor
    )
    person = line.person if line else None
    record_event("commissions.add_material", material, actor=actor, person=person, sha256=material.sha256)
    return material


@transaction.atomic
def remove_material(material: Material, *, actor: Any) -> None:
    """Take a file back before the voting; raises GateShut later: it is part of what the voters saw."""
    item = (
        AgendaItem.objects.select_for_update(of=("self",)).select_related("meeting").get(pk=material.item_id)
    )
    require_open(material_blockers(item, None))
    record_event(
        "commissions.remove_material", item, actor=actor, title=material.title, sha256=material.sha256
    )
    storage, name = material.file.storage, str(material.file.name)
    material.delete()
    transaction.on_commit(lambda: storage.delete(name))


def material_blockers(item: AgendaItem, line: DecisionLine | None) -> list[Blocker]:
    """What keeps the materials of an item from being changed."""
    found = []
    waiting = item.meeting.state in (MeetingState.PLANNED, MeetingState.OPEN)
    if not waiting or item.state != ItemState.PENDING:
        found.append(Blocker("Материалы меняют до начала голосования по вопросу."))
    if line is not None and line.list_id != item.list_id:
        found.append(Blocker("Этого человека нет в списке по вопросу.", field="line"))
    return found


def note_seen_papers(item: AgendaItem) -> None:
    """Keep what lies before the voters now, each paper once; within the caller's transaction."""
    known = set(item.seen_papers.values_list("line_id", "title", "sha256"))
    now = [(row.line_id, row.title, row.sha256) for row in item.materials.all()]
    lines = list(item.list.lines.select_related("person").prefetch_related("subject"))
    papers = motion_of(item.list).papers_before(lines)
    now += [(line_id, title, sha256) for line_id, rows in papers.items() for title, sha256 in rows]
    SeenPaper.objects.bulk_create(
        SeenPaper(item=item, line_id=line_id, title=title[:300], sha256=sha256)
        for line_id, title, sha256 in dict.fromkeys(now)
        if (line_id, title, sha256) not in known
    )
