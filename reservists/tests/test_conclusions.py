"""The list for inclusion rests on expert conclusions, and is held against the quota (O3.1, O3.17-3.18)."""

from datetime import date

import pytest
from django.urls import reverse

from assessment.enums import ConclusionState
from assessment.models import ExpertConclusion, Result
from assessment.perms import can_view_conclusion
from assessment.services.conclusions import reopen_conclusion, sign_conclusion
from candidates.models import Application
from commissions.enums import ListState
from commissions.models import Body, BodyMember, DecisionList
from commissions.motions import motions
from commissions.services import send_list
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.tests.factories import UserFactory
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.regulations.enums import Decision
from reservists.services.membership import make_inclusion_list, quota_notes

from .factories import assess, decide, make_conclusion, make_procedure


def test_no_list_while_a_conclusion_is_missing_or_unsigned(orenburg, operator):
    """O3.17: the blocker names the people."""
    procedure = make_procedure(orenburg)
    missing = assess(procedure, "90", concluded=False)
    draft = assess(procedure, "80", concluded=False)
    make_conclusion(draft, state=ConclusionState.DRAFT)
    with pytest.raises(GateShut) as shut:
        make_inclusion_list(procedure, actor=operator)
    words = str(shut.value)
    assert f"{missing.track.application.user.full_name}: нет экспертного заключения" in words
    assert f"{draft.track.application.user.full_name}: экспертное заключение не подписано" in words


def test_a_conclusion_older_than_the_result_holds_the_list_up(orenburg, operator):
    """O3.18: the first part is the result; one corrected since is not what was signed."""
    procedure = make_procedure(orenburg)
    result = assess(procedure, "90")
    Result.objects.filter(pk=result.pk).update(points=91)
    with pytest.raises(GateShut, match="исправлен после"):
        make_inclusion_list(procedure, actor=operator)


def test_the_recommendation_is_the_proposal_and_its_reason(orenburg, operator):
    """O3.18: experts depart from the threshold with a reason; the list says so."""
    procedure = make_procedure(orenburg)
    make_conclusion(
        assess(procedure, "90", concluded=False), recommended=False, reason="Нет опыта управления."
    )
    assess(procedure, "75")
    first, second = make_inclusion_list(procedure, actor=operator).lines.all()
    assert first.proposal is False and second.proposal is True
    assert "включение нецелесообразно (Нет опыта управления.)" in first.proposal_reason
    assert second.proposal_reason.endswith("экспертное заключение: включение целесообразно")


def test_a_recommendation_changed_after_the_list_was_made_asks_for_a_new_list(orenburg, operator):
    """O3.18."""
    procedure = make_procedure(orenburg)
    conclusion = assess(procedure, "90").conclusion
    decision_list = make_inclusion_list(procedure, actor=operator)
    reopen_conclusion(conclusion, actor=operator, reason="Уточнение")
    with pytest.raises(GateShut, match="не подписано"):
        send_list(decision_list, actor=operator)
    ExpertConclusion.objects.update(recommended=False, reason="Сам отказался от руководства.")
    conclusion.refresh_from_db()
    sign_conclusion(conclusion, actor=operator)
    with pytest.raises(GateShut, match="заключение изменилось"):
        send_list(decision_list, actor=operator)


def test_the_commissions_protocol_approves_the_conclusions(orenburg, operator):
    """O3.17-3.18: the first link's meeting approves; from sending on nothing is taken back."""
    procedure = make_procedure(orenburg)
    conclusion = assess(procedure, "90").conclusion
    decision_list = make_inclusion_list(procedure, actor=operator)
    decide(decision_list, actor=operator)
    conclusion.refresh_from_db()
    assert conclusion.state == ConclusionState.APPROVED
    assert conclusion.approval.startswith("протокол № 1 от") and "приказ" not in conclusion.approval


def test_a_sent_list_holds_the_conclusions(orenburg, operator):
    """O3.17."""
    procedure = make_procedure(orenburg)
    conclusion = assess(procedure, "90").conclusion
    send_list(make_inclusion_list(procedure, actor=operator), actor=operator)
    with pytest.raises(GateShut, match="уже передан"):
        reopen_conclusion(conclusion, actor=operator, reason="Поздно")


def test_members_are_led_to_the_conclusion_where_the_edition_has_them(orenburg, tomsk, operator):
    """O3.18; Tomsk knows no conclusions."""
    motion = motions.get(Decision.INCLUSION)
    for edition, led in ((orenburg, True), (tomsk, False)):
        procedure = make_procedure(edition)
        track = assess(procedure, "90").track
        line = make_inclusion_list(procedure, actor=operator).lines.get()
        address = reverse("assessment:conclusion", args=[track.pk])
        assert motion.papers_url(line) == (address if led else "")


def test_members_read_the_conclusion_while_they_decide(orenburg, operator, client):
    """process.md 12: those on the agenda of the own body, until it has decided; nobody of another body."""
    procedure = make_procedure(orenburg)
    conclusion = assess(procedure, "90").conclusion
    member, outsider = (UserFactory(roles=[Role.COMMISSION]) for _ in range(2))
    for code, user in (("expert_commission", member), ("defence_commission", outsider)):
        body = Body.objects.create(code=code, name=code)
        BodyMember.objects.create(body=body, user=user, since=date(2026, 1, 1))
    ready_to_read(conclusion)
    assert not can_view_conclusion(member, conclusion)
    decision_list = make_inclusion_list(procedure, actor=operator)
    send_list(decision_list, actor=operator)
    assert can_view_conclusion(member, conclusion) and not can_view_conclusion(outsider, conclusion)
    client.force_login(member)
    address = reverse("assessment:conclusion", args=[conclusion.result.track_id])
    assert "Курс для директоров" in client.get(address).content.decode()
    assert AuditEvent.objects.filter(action="assessment.read_conclusion", actor=member).exists()
    DecisionList.objects.update(state=ListState.DECIDED)
    assert not can_view_conclusion(member, conclusion)


def ready_to_read(conclusion):
    """The application behind it was handed in, as every assessed one."""
    Application.objects.filter(tracks=conclusion.result.track).update(submitted_at=clock.now())


@pytest.mark.parametrize(("quota", "tone"), [(3, "info"), (2, "info"), (1, "warning")])
def test_the_quota_warns_and_never_blocks(tomsk, operator, quota, tone):
    """O3.1: below, at and above the number."""
    procedure = make_procedure(tomsk)
    procedure.campaign.quota, procedure.campaign.quota_basis = quota, "приказ № 1"
    procedure.campaign.save()
    for points in ("90", "80", "50"):
        assess(procedure, points)
    decision_list = make_inclusion_list(procedure, actor=operator)
    [(found, words)] = quota_notes(decision_list)
    assert found == tone and f"Квота {quota} (приказ № 1), предложено 2" in words
    send_list(decision_list, actor=operator)


def test_the_list_shows_the_quota_loudly(tomsk, operator, client):
    """O3.1: on the list's own page."""
    procedure = make_procedure(tomsk)
    procedure.campaign.quota = 1
    procedure.campaign.save()
    for points in ("90", "80"):
        assess(procedure, points)
    row = make_inclusion_list(procedure, actor=operator)
    client.force_login(operator)
    page = client.get(reverse("admin:commissions_decisionlist_change", args=[row.pk])).content.decode()
    assert "Квота 1, предложено 2: на 1 больше квоты." in page and "notice-warning" in page


def test_without_a_quota_nothing_is_said(tomsk, operator):
    procedure = make_procedure(tomsk)
    assess(procedure, "90")
    assert quota_notes(make_inclusion_list(procedure, actor=operator)) == []
