"""What a commission decides about candidates: admission to the assessment (T2, O3.9-3.13)."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from commissions.models import DecisionLine, DecisionList
from commissions.motions import Motion, register_motion
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker
from reserve_portal.regulations.deadlines import event_happened
from reserve_portal.regulations.enums import Decision

from .enums import ApplicationState
from .models import ApplicationTrack, PackageFile
from .services.admission import tell_decision
from .workflow import TRACK


class AdmissionMotion(Motion):
    """Admit candidates to the assessment, or not, each with the ground."""

    decision = Decision.ADMISSION
    question = "О допуске кандидатов к оценке"
    yes = "допустить к оценке"
    no = "не допускать к оценке"
    by_groups = True
    columns = (
        ("number", "Рег. номер"),
        ("municipality", "Муниципальное образование"),
        ("post", "Место работы, должность"),
        ("education", "Образование"),
        ("experience", "Стаж"),
    )

    def blockers(self, decision_list: DecisionList) -> list[Blocker]:
        """People whose review was taken up again or who withdrew since the draft was made."""
        found = []
        for line in decision_list.lines.all():
            track = line.subject
            if track is None or track.application.state != ApplicationState.REVIEWED:
                found.append(
                    Blocker(f"{line}: заявление больше не в состоянии «проверено». Составьте список заново.")
                )
        return found

    def papers_before(self, lines: Sequence[DecisionLine]) -> dict[int, list[tuple[str, str]]]:
        return packages_before(lines)

    def papers_url(self, line: DecisionLine) -> str:
        return reverse("candidates:package", args=[_track(line).application_id])

    def effect(self, line: DecisionLine, *, actor: Any) -> None:
        """Bring the decision about; who withdrew on the way stays withdrawn."""
        track = ApplicationTrack.objects.select_for_update().get(pk=_track(line).pk)
        name = "admit" if line.outcome else "not_admit"
        if TRACK.is_open(track, name):
            TRACK.apply(track, name, actor=actor, reason=line.outcome_reason)

    def finished(self, decision_list: DecisionList, *, actor: Any) -> None:
        """The limit of the letters begins with the decision and is kept once all are stored (O3.13)."""
        on = decision_list.decided_on or clock.today()
        event_happened("admission.decided", decision_list, edition=decision_list.edition, on=on)
        tell_decision(decision_list)
        event_happened("admission.notified", decision_list, edition=decision_list.edition, on=clock.today())


def packages_before(lines: Sequence[DecisionLine]) -> dict[int, list[tuple[str, str]]]:
    """The files of the packages behind lines about tracks: {line id: [(document and name, SHA-256)]}; two queries."""
    tracks = ApplicationTrack.objects.filter(pk__in=[line.object_id for line in lines])
    applications = dict(tracks.values_list("pk", "application_id"))
    files = PackageFile.objects.filter(
        item__application__in=set(applications.values()), removed_at=None
    ).select_related("item__document_type")
    papers: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for file in files.order_by("item_id", "position", "pk"):
        title = f"{file.item.document_type.name}: {file.shown_name}"
        papers[file.item.application_id].append((title, file.sha256))
    return {line.pk: papers[applications[line.object_id]] for line in lines if line.object_id in applications}


def _track(line: DecisionLine) -> ApplicationTrack:
    track = line.subject
    assert isinstance(track, ApplicationTrack)
    return track


register_motion(AdmissionMotion())
