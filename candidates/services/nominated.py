"""What an accepted nomination leaves in the person's draft: its kind, its groups, its letter (T1)."""

from typing import Any

from ..enums import ApplicationState, NominationState, ScanState
from ..models import Application, Nomination, PackageItem
from ..uploads import CONTENT_TYPES, EXTENSIONS, AcceptedUpload
from .packages import store_file


def attach_nomination(application: Application, nomination: Nomination, *, actor: Any) -> None:
    """Put the nomination into the draft, which the caller has locked; raises RejectedUpload for too large a package."""
    if nomination.kind not in application.nominations:
        application.nominations = [*application.nominations, nomination.kind]
        application.save(update_fields=["nominations"])
    _add_groups(application, nomination)
    item = _slot_for(application, nomination.kind)
    if item is not None:
        store_file(item, _accepted(nomination), actor=actor)
    nomination.application = application


def carry_nominations(application: Application, *, actor: Any) -> None:
    """Take into a new draft what the person accepted in a draft of the same campaign withdrawn since."""
    rows = Nomination.objects.filter(
        campaign=application.campaign_id,
        state=NominationState.ACCEPTED,
        application__user=application.user_id,
        application__state=ApplicationState.WITHDRAWN,
    ).exclude(scan=ScanState.INFECTED)
    for nomination in rows.select_related("campaign__edition").order_by("answered_at", "pk"):
        attach_nomination(application, nomination, actor=actor)
        nomination.save(update_fields=["application"])


def _add_groups(application: Application, nomination: Nomination) -> None:
    """The nominator's groups are a proposal: where only one is allowed, the person's own choice stands."""
    several = nomination.campaign.edition.value("several_target_groups")
    if several or not application.wanted_groups.exists():
        application.wanted_groups.add(*nomination.groups.all())


def _slot_for(application: Application, kind: str) -> PackageItem | None:
    """The slot of the document that this kind of nomination demands; an edition may ask for none."""
    for item in application.items.select_related("document_type"):
        named = [part.strip() for part in item.document_type.only_for_nomination.split(",")]
        if kind in named:
            return item
    return None


def _accepted(nomination: Nomination) -> AcceptedUpload:
    """The letter as it passed its check when the nominator sent it."""
    with nomination.letter.open("rb") as stream:
        content = stream.read()
    return AcceptedUpload(
        kind=nomination.letter_kind,
        content=content,
        original_name=nomination.letter_name,
        pages=nomination.letter_pages,
        sha256=nomination.letter_sha256,
        original_sha256=nomination.letter_sha256,
        content_type=CONTENT_TYPES[nomination.letter_kind],
        extension=EXTENSIONS[nomination.letter_kind],
    )
