"""The operator's answer to the municipality: the shortlist of those presented, as an issued paper (process.md 9)."""

from typing import Any

from django.db import transaction

from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import User
from reserve_portal.audit.services import record_event
from reserve_portal.core.gates import Blocker, require_open
from reserve_portal.core.models import TransitionLog
from reserve_portal.notifications.services import send_letter
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.services import issue_paper

from ..enums import ReferralState, VacancyState
from ..models import Referral, Vacancy
from .locks import lock_vacancy

ANSWER, LETTER = "vacancy_answer", "vacancy_letter"
ANSWERED_STATES = (VacancyState.PRESENTED, VacancyState.DEFENCE)


@transaction.atomic
def issue_answer(vacancy: Vacancy, *, actor: Any) -> IssuedPaper:
    """Issue the answer with everybody presented for a vacancy and tell its municipality.

    The zone is named where the edition shows it to municipalities (O8.3). Raises GateShut while nobody is presented,
    and when the same people were answered already.
    """
    vacancy = lock_vacancy(vacancy.pk)
    require_open(answer_blockers(vacancy))
    people = _presented(vacancy)
    context = {
        "vacancy": vacancy,
        "edition": vacancy.edition,
        "asked": IssuedPaper.objects.about(vacancy).filter(kind=LETTER).first(),
        "rows": [{"referral": row, **_advantage(row)} for row in people],
        "with_zone": vacancy.edition.value("municipal_sees_zone"),
        "with_advantage": _shows_advantage(vacancy),
        "advantage_clause": vacancy.edition.clause("advantage"),
        "with_defence": vacancy.edition.value("defence"),
    }
    title = f"Ответ с подборкой резервистов: {vacancy.organisation}"
    paper = issue_paper(ANSWER, vacancy, context, actor=actor, title=title)
    for official in User.objects.with_role(Role.MUNICIPAL).filter(municipality=vacancy.municipality_id):
        send_letter(
            "vacancy.answered",
            to=official,
            key=f"vacancy.answered:{paper.pk}:{official.pk}",
            values={"vacancy": str(vacancy), "number": paper.number, "count": len(people)},
            about=vacancy,
        )
    record_event("vacancies.answer", paper, actor=actor, people=len(people))
    return paper


def answer_blockers(vacancy: Vacancy) -> list[Blocker]:
    """What keeps the answer from being issued."""
    presented = Referral.objects.filter(vacancy=vacancy, state=ReferralState.PRESENTED)
    if vacancy.state not in ANSWERED_STATES or not presented.exists():
        return [Blocker("Ответ выдают, когда на вакансию кто-то представлен.")]
    latest = IssuedPaper.objects.about(vacancy).filter(kind=ANSWER).order_by("-issued_at").first()
    if latest is None:
        return []
    steps = TransitionLog.objects.about_kind(Referral).filter(object_id__in=vacancy.referrals.values("pk"))
    changed = steps.filter(transition__in=["present", "release"], at__gt=latest.issued_at)
    return [] if changed.exists() else [Blocker("Ответ с этими людьми уже выдан: он среди документов дела.")]


def _presented(vacancy: Vacancy) -> list[Referral]:
    rows = vacancy.referrals.filter(state=ReferralState.PRESENTED).select_related(
        "reservist__user__organisation", "reservist__municipality", "reservist__target_group", "snapshot"
    )
    return list(rows.order_by("place", "pk"))


def _shows_advantage(vacancy: Vacancy) -> bool:
    """The advantage is told unless it is the zone and the municipality may not see zones."""
    advantage = vacancy.edition.value("advantage")
    return advantage == "events" or (
        advantage == "zone" and bool(vacancy.edition.value("municipal_sees_zone"))
    )


def _advantage(referral: Referral) -> dict[str, Any]:
    """The advantage as the frozen order had it."""
    row = next(item for item in referral.snapshot.rows if item["reservist"] == referral.reservist_id)
    return {"advantage": row["advantage"], "advantage_text": row["advantage_text"]}
