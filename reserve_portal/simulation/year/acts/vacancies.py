"""Vacancies: reported in time and late, matched, refused and accepted, heard, agreed, filled, fallen through."""

from datetime import date, time
from typing import Any

from candidates.uploads import inspecting_own_files
from commissions.models import Meeting
from reserve_portal.core import calendar, clock
from reservists.enums import ReservistState
from reservists.models import Reservist
from vacancies.enums import ReferralState, VacancyState
from vacancies.models import Appointment, ConceptDefence, Referral, ScoreSheet, Vacancy
from vacancies.services import answers, appointment, cases, defence, matching, referrals

from ...people import sample_pdf
from ..year import Year
from . import bodies
from .towns import official_of

CANDIDATES_PER_VACANCY = 14
ASKED_AT_ONCE = 2
ROUNDS = 3  # of asking before the case waits for new people


def begin(year: Year) -> None:
    """Plan the vacancies of the year over its second and third thirds, when there is a reserve."""
    count = max(4, year.candidates // CANDIDATES_PER_VACANCY)
    for number in range(count):
        dice = year.dice("vacancy", number)
        arose = calendar.next_working_day(
            date.fromordinal(year.first_day.toordinal() + dice.randint(110, 320))
        )
        days = dice.choices((1, 3, 5, 7, 10), (30, 30, 20, 10, 10))[0]
        reported = calendar.add_working_days(arose, days)
        year.plan(reported, 9, dice.randrange(60), _report, year, number, arose)


def _report(year: Year, number: int, arose: date) -> None:
    """The municipality's official reports; a day that lies ahead, or the same vacancy twice, is refused."""
    dice = year.dice("case", number)
    school = year.cast.schools[number % len(year.cast.schools)]
    official = official_of(year, school.municipality)
    groups = sorted(
        {row.target_group.code for row in Reservist.objects.active().select_related("target_group")}
    )
    known = {group.code: group for group in year.edition.target_groups.all()}
    group = known[dice.choice(groups)] if groups else list(known.values())[-1]
    facts: dict[str, Any] = {
        "edition": year.edition,
        "municipality": school.municipality,
        "organisation": school,
        "target_group": group,
        "post": f"Директор ({number // len(year.cast.schools) + 1})",
        "actor": official,
    }
    year.refused(
        "вакансия с датой впереди",
        cases.report_vacancy,
        arose_on=calendar.add_working_days(clock.today(), 1),
        **facts,
    )
    vacancy = cases.report_vacancy(arose_on=arose, **facts)
    year.refused("одна вакансия дважды", cases.report_vacancy, arose_on=arose, **facts)
    year.soon(dice.randint(1, 3), _match, year, vacancy, number, 1)


def _match(year: Year, vacancy: Vacancy, number: int, attempt: int) -> None:
    """The order of matching is frozen and its first people are asked."""
    vacancy.refresh_from_db()
    operator = year.cast["operator"]
    if vacancy.state == VacancyState.REPORTED:
        matching.start_matching(vacancy, actor=operator)
    if vacancy.state not in (VacancyState.MATCHING, VacancyState.PRESENTED):
        return
    order = matching.match_vacancy(vacancy)
    if not order.places or attempt > ROUNDS:
        _without_reserve(year, vacancy, number, attempt)
        return
    snapshot = matching.save_snapshot(vacancy, actor=operator)
    for place in order.places[:ASKED_AT_ONCE]:
        reservist = Reservist.objects.select_related("user").get(pk=place.candidate.reservist_id)
        referral = referrals.ask_reservist(vacancy, reservist=reservist, snapshot=snapshot, actor=operator)
        days = year.dice("answers", number, reservist.user.email).randint(1, 3)
        year.soon(days, _answer, year, referral, number, hour=19)
    year.soon(4, _present, year, vacancy, number, attempt)


def _without_reserve(year: Year, vacancy: Vacancy, number: int, attempt: int) -> None:
    """Nobody to propose, told on paper: an outsider where the edition allows it (O7.3), else new people (T9)."""
    if not answers.nobody_blockers(vacancy):
        answers.issue_nobody(vacancy, actor=year.cast["operator"])
    fields: dict[str, Any] = {
        "order_number": f"{number}-в",
        "order_dated": clock.today(),
        "person_name": "Сторонний Павел Ильич",
    }
    official = official_of(year, vacancy.municipality)
    if year.edition.value("only_from_reserve"):
        year.refused(
            "назначение не из резерва",
            appointment.record_appointment,
            vacancy,
            referral=None,
            actor=official,
            **fields,
        )
        year.soon(25, _match, year, vacancy, number, 1)
    elif attempt > ROUNDS or year.dice("outsider", number).random() < 0.5:
        appointment.record_appointment(vacancy, referral=None, actor=official, **fields)
    else:
        year.soon(25, _match, year, vacancy, number, attempt + 1)


def _answer(year: Year, referral: Referral, number: int) -> None:
    referral.refresh_from_db()
    if referral.state != ReferralState.ASKED:
        return
    user = referral.reservist.user
    dice = year.dice("ready", number, user.email)
    taken = Referral.objects.engaged().filter(reservist__user=user).exists()
    if taken:
        year.refused("согласие на две вакансии", referrals.accept_offer, referral, actor=user)
    if taken or dice.random() < 0.3:
        referrals.refuse_offer(referral, actor=user, reason="Не готов(а) к переезду.")
    else:
        referrals.accept_offer(referral, actor=user)


def _present(year: Year, vacancy: Vacancy, number: int, attempt: int) -> None:
    """All who agreed are presented and answered about; now and then one withdraws. Without any, others are asked."""
    operator = year.cast["operator"]
    agreed = vacancy.referrals.filter(state=ReferralState.ACCEPTED, reservist__state=ReservistState.ACTIVE)
    nominees = list(agreed.select_related("reservist__user").order_by("place", "pk"))
    for referral in nominees:
        referrals.present_reservist(referral, actor=operator)
    if nominees:
        answers.issue_answer(vacancy, actor=operator)
        year.refused("тот же ответ ещё раз", answers.issue_answer, vacancy, actor=operator)
    if nominees and year.dice("withdraws", number, attempt).random() < 0.12:
        referrals.release_referral(nominees.pop(), actor=operator, reason="Снял(а) свою кандидатуру.")
    if not nominees:
        year.soon(1, _match, year, vacancy, number, attempt + 1)
        return
    vacancy.refresh_from_db()
    if year.edition.value("defence"):
        for referral in nominees:
            year.soon(2, _hand_in_concept, year, referral, hour=21)
        year.soon(1, _call_defence, year, vacancy, number, hour=11)
        return
    decision_list = defence.send_for_recommendation(vacancy, actor=operator)
    bodies.carry(year, decision_list, then=lambda: _recommended(year, vacancy, number))


def _hand_in_concept(year: Year, referral: Referral) -> None:
    with inspecting_own_files():
        data = sample_pdf("Концепция развития") + f"\n% {referral.pk}\n".encode()
        defence.upload_concept(referral, name="концепция.pdf", data=data, actor=referral.reservist.user)


def _call_defence(year: Year, vacancy: Vacancy, number: int) -> None:
    vacancy.refresh_from_db()
    day = calendar.add_working_days(clock.today(), 5)
    called = defence.schedule_defence(
        vacancy, starts_at=clock.at(day, time(10)), place=bodies.PLACE, actor=year.cast["operator"]
    )
    year.plan(
        day, 10, 5, bodies.hold, year, called.meeting,
        lambda: _call_defence(year, vacancy, number),
        lambda: _recommended(year, vacancy, number),
        lambda meeting: _fill_sheets(year, meeting),
    )  # fmt: skip


def _fill_sheets(year: Year, meeting: Meeting) -> None:
    """Each member present hands in a sheet; a point below the highest is explained (T10)."""
    called = ConceptDefence.objects.get(meeting=meeting)
    criteria = list(called.criteria.all())
    sheets = ScoreSheet.objects.filter(defence=called, member__present=True).select_related("member__user")
    for sheet in sheets.order_by("pk"):
        dice = year.dice("sheet", sheet.member.user.email, meeting.starts_at)
        points = {item.pk: dice.choice((1, 2, 2)) for item in criteria}
        comments = dict.fromkeys(points, "Можно подробнее.")
        defence.save_sheet(sheet, actor=sheet.member.user, points=points, comments=comments, hand_in=True)


def _recommended(year: Year, vacancy: Vacancy, number: int) -> None:
    """After the body, the best place first: agreement where the edition wants one (T9), then the order.

    Whoever left the reserve meanwhile is released; without anybody matching goes on.
    """
    vacancy.refresh_from_db()
    standing = vacancy.referrals.filter(state=ReferralState.RECOMMENDED).select_related("reservist__user")
    for referral in standing.order_by("defence_place", "place", "pk"):
        if _left_the_reserve(year, referral):
            continue
        deed = _agree if year.edition.value("agreement") else _appoint
        year.soon(3, deed, year, referral, number, hour=15)
        return
    year.soon(2, _match, year, vacancy, number, 1)


def _left_the_reserve(year: Year, referral: Referral) -> bool:
    """Whether the person is no member any more; then the case goes on without him or her."""
    reservist = Reservist.objects.get(pk=referral.reservist_id)
    if reservist.state == ReservistState.ACTIVE:
        return False
    operator = year.cast["operator"]
    referrals.release_referral(referral, actor=operator, reason="Больше не состоит в резерве.")
    return True


def _agree(year: Year, referral: Referral, number: int) -> None:
    if _left_the_reserve(year, referral):
        _recommended(year, referral.vacancy, number)
        return
    official = official_of(year, referral.vacancy.municipality)
    year.refused(
        "назначение без согласования",
        appointment.record_appointment,
        referral.vacancy,
        referral=referral,
        order_number="1",
        order_dated=clock.today(),
        actor=official,
    )
    agreed = year.dice("agreed", number, referral.reservist.user.email).random() >= 0.12
    appointment.decide_agreement(
        referral,
        agreed=agreed,
        number=f"С-{number + 1}",
        dated=clock.today(),
        reason="" if agreed else "Нет опыта в такой организации.",
        actor=year.cast["department"],
    )
    if agreed:
        year.soon(4, _appoint, year, referral, number, hour=15)
    else:
        _recommended(year, referral.vacancy, number)


def _appoint(year: Year, referral: Referral, number: int) -> None:
    """The order; who was recommended beside keeps a reserve place. The first such appointment falls through."""
    referral.refresh_from_db()
    if _left_the_reserve(year, referral):
        _recommended(year, referral.vacancy, number)
        return
    vacancy = Vacancy.objects.get(pk=referral.vacancy_id)
    official = official_of(year, vacancy.municipality)
    done = appointment.record_appointment(
        vacancy,
        referral=referral,
        order_number=f"{number + 1}-к",
        order_dated=clock.today(),
        contract_until=date(clock.today().year + 3, 8, 31),
        actor=official,
    )
    never = not Appointment.objects.exclude(fell_through_at=None).exclude(vacancy=vacancy).exists()
    kept = vacancy.referrals.filter(state=ReferralState.RESERVE).exists()
    if (never and kept) or year.dice("falls through", number).random() < 0.15:
        year.soon(6, _fall_through, year, done, number, hour=11)


def _fall_through(year: Year, done: Appointment, number: int) -> None:
    """Who holds a reserve place is next; without such a person matching goes on."""
    appointment.fall_through(done, actor=year.cast["operator"], reason="Отказ от переезда.")
    _recommended(year, done.vacancy, number)
