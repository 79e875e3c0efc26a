"""Signals, exclusions and requests have gone their way (O6.1-6.3)."""

from collections.abc import Iterator

from candidates.models import SubjectRequest
from commissions.enums import ListState
from commissions.models import DecisionList
from reserve_portal.regulations.enums import Decision, GroundKind, LinkForm
from reserve_portal.regulations.models import ChainLink, TimeLimit
from reservists.enums import ReservistState, SignalState
from reservists.models import ExclusionSignal, MinistryList, Reservist

from .registry import check


@check
def signals_sent_have_their_list() -> Iterator[str]:
    """A signal passed on has the list about the same person; one that was not has none (O6.1)."""
    for signal in ExclusionSignal.objects.select_related("reservist__user", "decision_list").order_by("pk"):
        row = signal.decision_list
        if signal.state != SignalState.SENT:
            if row is not None:
                yield f"{signal}: органу не передан, а список есть."
        elif row is None:
            yield f"{signal}: передан органу, а списка нет."
        elif (row.decision, row.object_id) != (Decision.EXCLUSION, signal.reservist_id):
            yield f"{signal}: список не о том, о ком сигнал."


@check
def excluded_people_have_a_ground() -> Iterator[str]:
    """Who is excluded is so by a ground of the edition, and of nobody else's (O6.2)."""
    rows = Reservist.objects.filter(state=ReservistState.EXCLUDED).select_related("user", "end_ground")
    for member in rows.order_by("pk"):
        ground = member.end_ground
        if ground is None or (ground.kind, ground.edition_id) != (GroundKind.EXCLUSION, member.edition_id):
            yield f"{member}: исключён(а), а основания из порядка нет."


@check
def the_ministry_got_its_list() -> Iterator[str]:
    """Where the edition sends lists of the recommended to the ministry, no order came without one (O6.3)."""
    wanted = TimeLimit.objects.filter(closes="exclusion.sent_to_ministry").values("edition")
    links = ChainLink.objects.filter(decision=Decision.EXCLUSION, form=LinkForm.ORDER, edition__in=wanted)
    decided = DecisionList.objects.filter(
        decision=Decision.EXCLUSION,
        state=ListState.DECIDED,
        edition__in=links.values("edition"),
        lines__outcome=True,
    )
    for row in decided.filter(ministry_lists=None).distinct().order_by("pk"):
        yield f"Список «{row}»: приказ есть, а в министерство список рекомендованных не направлен."
    for sent in MinistryList.objects.filter(paper=None):
        yield f"{sent}: документа нет."


@check
def requests_are_answered_with_words() -> Iterator[str]:
    """An answered request about personal data has its answer and its moment (152-FZ, article 20)."""
    for request in SubjectRequest.objects.filter(state="answered").select_related("user").order_by("pk"):
        if not request.answer.strip() or request.answered_at is None:
            yield f"{request}: ответ дан, а его текста или дня нет."
