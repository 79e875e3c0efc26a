"""What the defence commission decides: recommend a nominee or not (T10, O3.19)."""

from typing import Any

from django.urls import reverse

from commissions.models import DecisionLine, DecisionList
from commissions.motions import Motion, register_motion
from reserve_portal.core.gates import Blocker
from reserve_portal.notifications.services import send_letter
from reserve_portal.regulations.enums import Decision

from .enums import ReferralState, SheetState
from .models import Referral, Vacancy
from .services.defence import issue_summaries, rank_nominees, sheets_asked
from .services.locks import lock_vacancy
from .services.succession import tell_who_acts_next
from .workflow import REFERRAL, VACANCY


class RecommendationMotion(Motion):
    decision = Decision.RECOMMENDATION
    question = "О рекомендации к назначению на вакантную должность руководителя"
    yes = "рекомендовать к назначению"
    no = "не рекомендовать к назначению"
    columns = (("organisation", "Организация"), ("place", "Место в подборе"))

    def blockers(self, decision_list: DecisionList) -> list[Blocker]:
        return []

    def conflicts(self, line: DecisionLine, user: Any) -> list[str]:
        """Own case, or the same workplace as the nominee's."""
        found = super().conflicts(line, user)
        referral = Referral.objects.select_related("reservist__user", "vacancy").get(pk=line.object_id or 0)
        if user.organisation_id and user.organisation_id == referral.reservist.user.organisation_id:
            found.append("работает в одной организации с кандидатом")
        return found

    def papers_url(self, line: DecisionLine) -> str:
        return reverse("vacancies:nominee", args=[line.object_id])

    def notes(self, decision_list: DecisionList) -> list[tuple[str, str]]:
        """Whose score sheets are still missing: places and means come from those handed in alone (T10)."""
        asked = sheets_asked(decision_list)
        missing = [sheet.member.name for sheet in asked if sheet.state != SheetState.HANDED_IN]
        if not missing:
            return []
        names = ", ".join(dict.fromkeys(missing))
        words = f"Сдано оценочных листов: {len(asked) - len(missing)} из {len(asked)}. Не сдали: {names}."
        return [("warning", f"{words} После закрытия заседания лист сдать нельзя.")]

    def effect(self, line: DecisionLine, *, actor: Any) -> None:
        """Recommend or not; whoever was released meanwhile stays so."""
        referral = Referral.objects.select_related("reservist__user", "vacancy").get(pk=line.object_id or 0)
        lock_vacancy(referral.vacancy_id)
        referral.refresh_from_db()
        if referral.state != ReferralState.PRESENTED:
            return
        REFERRAL.apply(referral, "recommend" if line.outcome else "not_recommend", actor=actor)
        send_letter(
            "vacancy.recommended" if line.outcome else "vacancy.not_recommended",
            to=line.person,
            key=f"vacancy.recommendation:{line.pk}",
            values={"vacancy": str(referral.vacancy), "reason": line.outcome_reason or "—"},
            about=referral,
        )

    def finished(self, decision_list: DecisionList, *, actor: Any) -> None:
        """The summary of the defence is issued; the vacancy goes on with a nominee, or back to matching.

        A vacancy that was cancelled or filled meanwhile stays as it is.
        """
        vacancy = Vacancy.objects.get(pk=decision_list.object_id or 0)
        rank_nominees(decision_list)
        issue_summaries(decision_list, actor=actor)
        recommended = vacancy.referrals.filter(state=ReferralState.RECOMMENDED).select_related(
            "reservist__user"
        )
        if recommended and VACANCY.is_open(vacancy, "recommend"):
            VACANCY.apply(vacancy, "recommend", actor=actor)
            for referral in recommended:
                tell_who_acts_next(referral)
        elif not recommended and VACANCY.is_open(vacancy, "reopen") and vacancy.is_open:
            VACANCY.apply(vacancy, "reopen", actor=actor, reason="комиссия никого не рекомендовала")


register_motion(RecommendationMotion())
