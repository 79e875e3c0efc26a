"""The operator's answer to the municipality, as an issued paper: the shortlist, or that nobody suits (process.md 9)."""

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
from reservists.models import Reservist

from ..enums import ReferralState, VacancyState
from ..models import Referral, Vacancy
from .locks import lock_vacancy
from .reserve import eligible, obstacles_to

ANSWER, NOBODY, LETTER = "vacancy_answer", "vacancy_nobody", "vacancy_letter"
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
        "asked": _letter_of(vacancy),
        "rows": [{"referral": row, **_advantage(row)} for row in people],
        "with_zone": vacancy.edition.value("municipal_sees_zone"),
        "with_advantage": _shows_advantage(vacancy),
        "advantage_clause": vacancy.edition.clause("advantage"),
        "with_defence": vacancy.edition.value("defence"),
    }
    title = f"Ответ с подборкой резервистов: {vacancy.organisation}"
    paper = issue_paper(ANSWER, vacancy, context, actor=actor, title=title)
    _tell_municipality("vacancy.answered", vacancy, paper, count=len(people))
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


@transaction.atomic
def issue_nobody(vacancy: Vacancy, *, actor: Any) -> IssuedPaper:
    """Issue the answer that nobody of the reserve suits now and tell the vacancy's municipality; the case goes on.

    It names numbers, no people. Raises GateShut with `nobody_blockers`.
    """
    vacancy = lock_vacancy(vacancy.pk)
    require_open(nobody_blockers(vacancy))
    context = {
        "vacancy": vacancy,
        "edition": vacancy.edition,
        "asked": _letter_of(vacancy),
        "only_from_reserve": vacancy.edition.value("only_from_reserve"),
        "clause": vacancy.edition.clause("only_from_reserve"),
        **_why_nobody(vacancy),
    }
    title = f"Ответ: подходящих резервистов нет — {vacancy.organisation}"
    paper = issue_paper(NOBODY, vacancy, context, actor=actor, title=title)
    _tell_municipality("vacancy.nobody", vacancy, paper)
    record_event("vacancies.answer_nobody", paper, actor=actor)
    return paper


def nobody_blockers(vacancy: Vacancy) -> list[Blocker]:
    """What keeps the answer that nobody suits from being issued: somebody may be asked or was, or it stands already."""
    if vacancy.state != VacancyState.MATCHING:
        return [Blocker("Такой ответ выдают, пока идёт подбор и никто не представлен.")]
    if vacancy.referrals.waiting().exists():
        return [Blocker("Сначала дождитесь ответа тех, кого спросили, или снимите их с рассмотрения.")]
    if eligible(obstacles_to(vacancy)).exists():
        return [Blocker("В подборе есть резервисты, которых можно спросить.")]
    latest = IssuedPaper.objects.about(vacancy).filter(kind=NOBODY).order_by("-issued_at").first()
    if latest is None:
        return []
    own = TransitionLog.objects.about(vacancy)
    of_people = TransitionLog.objects.about_kind(Referral).filter(
        object_id__in=vacancy.referrals.values("pk")
    )
    since = [steps.filter(at__gt=latest.issued_at) for steps in (own, of_people)]
    if any(steps.exists() for steps in since):
        return []
    return [Blocker("Такой ответ уже выдан, и с тех пор ничего не изменилось: он среди документов дела.")]


def _why_nobody(vacancy: Vacancy) -> dict[str, int]:
    """How many of the target group refused, were not recommended, may not be proposed; together everybody active."""
    group = Reservist.objects.active().filter(target_group__code=vacancy.target_group.code)
    asked = Referral.objects.filter(vacancy=vacancy, reservist__in=group.values("pk"))
    heard = set(asked.filter(state=ReferralState.NOT_RECOMMENDED).values_list("reservist", flat=True))
    refused = set(asked.filter(state=ReferralState.REFUSED).values_list("reservist", flat=True)) - heard
    total = group.count()
    return {
        "total": total,
        "refused": len(refused),
        "not_recommended": len(heard),
        "others": total - len(refused) - len(heard),
    }


def _letter_of(vacancy: Vacancy) -> IssuedPaper | None:
    """The municipality's letter that is answered."""
    return IssuedPaper.objects.about(vacancy).filter(kind=LETTER).first()


def _tell_municipality(code: str, vacancy: Vacancy, paper: IssuedPaper, **values: Any) -> None:
    for official in User.objects.with_role(Role.MUNICIPAL).filter(municipality=vacancy.municipality_id):
        send_letter(
            code,
            to=official,
            key=f"{code}:{paper.pk}:{official.pk}",
            values={"vacancy": str(vacancy), "number": paper.number, **values},
            about=vacancy,
        )


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
