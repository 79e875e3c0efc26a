"""What bodies decide about the reserve: who enters, who leaves."""

from collections.abc import Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from assessment.models import ExpertConclusion, Procedure
from assessment.services.conclusions import approve_conclusions
from candidates.motions import packages_before
from commissions.models import AgendaItem, DecisionLine, DecisionList
from commissions.motions import Motion, register_motion
from commissions.services import basis_of
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker
from reserve_portal.regulations.deadlines import event_happened
from reserve_portal.regulations.enums import Decision, LinkForm

from .services import attestation_results, changes, exclusion, membership, mentors, ministry, plan_reviews


class InclusionMotion(Motion):
    """Inclusion in the reserve by the results of a procedure (T4, O3.17-3.23)."""

    decision = Decision.INCLUSION
    question = "О включении в кадровый резерв"
    yes = "включить в кадровый резерв"
    no = "не включать в кадровый резерв"
    by_groups = True
    columns = (
        ("number", "Рег. №"),
        ("municipality", "Муниципальное образование"),
        ("points", "Баллы"),
        ("zone", "Зона"),
        ("rank", "Место"),
    )

    def blockers(self, decision_list: DecisionList) -> list[Blocker]:
        if decision_list.content_type != ContentType.objects.get_for_model(Procedure):
            return [Blocker("Список составлен не по процедуре оценки.")]
        return membership.inclusion_blockers(self._procedure(decision_list)) + membership.line_blockers(
            decision_list
        )

    def _procedure(self, decision_list: DecisionList) -> Procedure:
        return Procedure.objects.get(pk=decision_list.object_id or 0)

    def papers_before(self, lines: Sequence[DecisionLine]) -> dict[int, list[tuple[str, str]]]:
        """The packages, and the conclusions of the experts (O3.18)."""
        papers = packages_before(lines)
        signed = ExpertConclusion.objects.filter(
            result__track__in=[line.object_id for line in lines], paper__isnull=False
        ).values_list("result__track", "paper__title", "paper__number", "paper__sha256")
        of_track = {line.object_id: line.pk for line in lines}
        for track, title, number, sha256 in signed:
            papers.setdefault(of_track[track], []).append((f"{title} № {number}", sha256))
        return papers

    def notes(self, decision_list: DecisionList) -> list[tuple[str, str]]:
        return membership.quota_notes(decision_list)

    def papers_url(self, line: DecisionLine) -> str:
        """The expert conclusion, which leads on to the package, where the edition has conclusions (O3.18)."""
        if not line.list.edition.value("expert_conclusion"):
            return ""
        return reverse("assessment:conclusion", args=[line.object_id])

    def effect(self, line: DecisionLine, *, actor: Any) -> None:
        membership.decide_inclusion(line, actor=actor)

    def finished(self, decision_list: DecisionList, *, actor: Any) -> None:
        approve_conclusions(decision_list, actor=actor)
        membership.finish_inclusion(decision_list, actor=actor)

    def arrived(self, decision_list: DecisionList, *, actor: Any) -> None:
        link = decision_list.link
        if basis_of(decision_list):
            approve_conclusions(decision_list, actor=actor)
        if link is not None and link.form == LinkForm.ORDER:
            event_happened(
                "inclusion.sent_for_order", decision_list, edition=decision_list.edition, on=clock.today()
            )


class ExclusionMotion(Motion):
    """Exclusion from the reserve by a ground of the edition (O6.1-6.3; for Tomsk the preset's general grounds)."""

    decision = Decision.EXCLUSION
    question = "Об исключении из кадрового резерва"
    yes = "исключить из кадрового резерва"
    no = "оставить в кадровом резерве"
    columns = (("number", "Рег. №"), ("group", "Целевая группа"), ("ground", "Основание"))

    def blockers(self, decision_list: DecisionList) -> list[Blocker]:
        gone = [line for line in decision_list.lines.all() if not exclusion.can_be_excluded(line)]
        return [Blocker(f"{line.label}: уже не состоит в резерве.") for line in gone]

    def arrived(self, decision_list: DecisionList, *, actor: Any) -> None:
        link = decision_list.link
        if link is not None and link.form == LinkForm.ORDER:
            ministry.note_decided(decision_list)

    def effect(self, line: DecisionLine, *, actor: Any) -> None:
        exclusion.decide_exclusion(line, actor=actor)

    def finished(self, decision_list: DecisionList, *, actor: Any) -> None:
        exclusion.finish_exclusion(decision_list, actor=actor)


class MentorPoolMotion(Motion):
    """Who may be a mentor: the authorised body, in agreement with the ministry (O4.7)."""

    decision = Decision.MENTOR_POOL
    question = "О составе персональных кураторов (наставников)"
    yes = "включить в состав наставников"
    no = "не включать в состав наставников"
    columns = (("post", "Должность"),)

    def effect(self, line: DecisionLine, *, actor: Any) -> None:
        mentors.admit_mentor(line, actor=actor)


class MentorMotion(Motion):
    """A mentor for each reservist, and a change of the mentor with its ground (O4.7, O4.16)."""

    decision = Decision.MENTOR
    question = "О закреплении персональных кураторов (наставников)"
    yes = "закрепить наставника"
    no = "не закреплять наставника"
    columns = (
        ("zone", "Зона"),
        ("mentor", "Наставник"),
        ("former", "Прежний наставник"),
        ("ground", "Причина смены"),
    )

    def blockers(self, decision_list: DecisionList) -> list[Blocker]:
        return mentors.assignment_blockers(decision_list)

    def conflicts(self, line: DecisionLine, user: Any) -> list[str]:
        """Beside the present mentor, whoever is to become the mentor keeps out."""
        found = super().conflicts(line, user)
        return [*found, "предложен наставником"] if line.details.get("mentor_user") == user.pk else found

    def effect(self, line: DecisionLine, *, actor: Any) -> None:
        mentors.assign_mentor(line, actor=actor)


class ChangeMotion(Motion):
    """Another target group or level of readiness, decided without the person, by absentee poll too (O4.16)."""

    decision = Decision.CHANGE
    question = "Об изменении целевой группы или уровня готовности резервиста"
    yes = "изменить"
    no = "оставить без изменений"
    columns = (("number", "Рег. №"), ("was", "Сейчас"), ("becomes", "Предлагается"))

    def blockers(self, decision_list: DecisionList) -> list[Blocker]:
        return [blocker for line in decision_list.lines.all() for blocker in changes.line_blockers(line)]

    def effect(self, line: DecisionLine, *, actor: Any) -> None:
        changes.decide_change(line, actor=actor)


class PlanReviewMotion(Motion):
    """How plans of development are realised; the mentors are invited to the item (O4.13, O4.15)."""

    decision = Decision.PLAN_REVIEW
    question = "Об оценке реализации индивидуальных планов развития"
    yes = "признать реализацию плана удовлетворительной"
    no = "признать реализацию плана неудовлетворительной"
    columns = (("plan", "План"), ("percent", "Выполнено"), ("late", "Просрочено"), ("mentor", "Наставник"))

    def blockers(self, decision_list: DecisionList) -> list[Blocker]:
        return [blocker for line in decision_list.lines.all() for blocker in plan_reviews.line_blockers(line)]

    def scheduled(self, item: AgendaItem, *, actor: Any) -> None:
        plan_reviews.invite_mentors(item)

    def effect(self, line: DecisionLine, *, actor: Any) -> None:
        plan_reviews.decide_review(line, actor=actor)


class AttestationMotion(Motion):
    """Results of the yearly attestation (O4.17-4.21)."""

    decision = Decision.ATTESTATION
    question = "О результатах итоговой аттестации резервистов"
    yes = "утвердить результат"
    no = "не утверждать результат"
    columns = (
        ("number", "Рег. №"),
        ("group", "Целевая группа"),
        ("points", "Баллы"),
        ("before", "Прежняя зона"),
        ("zone", "Зона"),
        ("rank", "Место"),
    )

    def blockers(self, decision_list: DecisionList) -> list[Blocker]:
        return attestation_results.results_blockers(decision_list)

    def effect(self, line: DecisionLine, *, actor: Any) -> None:
        attestation_results.decide_result(line, actor=actor)

    def finished(self, decision_list: DecisionList, *, actor: Any) -> None:
        attestation_results.finish_attestation(decision_list, actor=actor)


register_motion(InclusionMotion())
register_motion(ExclusionMotion())
register_motion(MentorPoolMotion())
register_motion(MentorMotion())
register_motion(ChangeMotion())
register_motion(PlanReviewMotion())
register_motion(AttestationMotion())
