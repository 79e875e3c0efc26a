"""What is broken on purpose, so that each check of the data is seen to name it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F

from assessment.models import ExpertConclusion, Result
from candidates.models import Application, ApplicationTrack, Consent, RegistrationEntry, SubjectRequest
from commissions.models import DecisionLine, DecisionList, LineResult, Meeting, Order, Vote
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.core.models import TransitionLog
from reserve_portal.notifications.models import Letter
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.papers.pieces import NUMBERS
from reserve_portal.papers.render import html_to_pdf
from reserve_portal.regulations.models import Deadline, Edition
from reserve_portal.simulation import checks
from reserve_portal.simulation.checks.registry import Check
from reservists.models import (
    AttestationEntry,
    DevelopmentPlan,
    Event,
    ExclusionSignal,
    MentorReport,
    MinistryList,
    Participation,
    PlanReport,
    PlanReview,
    RegistryEdition,
    RegistryRow,
    Reservist,
    ReservistChange,
)
from vacancies.models import Appointment, OrganisationHead, Vacancy


def finds(check: Check, words: str, breaking: Callable[[], Any]) -> None:
    with transaction.atomic():
        assert breaking(), f"nothing to break for «{words}»"
        found = list(check())
        transaction.set_rollback(True)
    assert any(words in sentence for sentence in found), f"{check.__name__}: «{words}» not in {found}"


def _first(rows: Any) -> Any:
    return type(rows.first())._default_manager.filter(pk=rows.first().pk)


def delete_appointments(**which: Any) -> bool:
    """Appointments with the heads whom they brought."""
    rows = Appointment.objects.filter(**which)
    OrganisationHead.objects.filter(appointment__in=rows).delete()
    rows.delete()
    return True


def _bad_finding() -> int:
    ExclusionSignal.objects.filter(kind="monitoring").update(kind="dismissed")
    return PlanReview.objects.update(satisfactory=False)


def _lose_structure(paper: IssuedPaper | None) -> int:
    assert paper
    name = paper.stored.storage.save("papers/plain.pdf", ContentFile(html_to_pdf(NUMBERS, tagged=False)))
    return IssuedPaper.objects.filter(kind=paper.kind).update(stored=name, html="")


def _double_a_place() -> Participation:
    """Another membership of the same person, an ended one, takes a place of its own."""
    place = Participation.objects.filter(state="confirmed").exclude(reservist=None).first()
    assert place is not None
    other = Reservist.objects.exclude(user=place.reservist.user).first()
    Reservist.objects.filter(pk=other.pk).update(user=place.reservist.user, state="excluded")
    Participation.objects.filter(reservist=other).delete()
    return Participation.objects.create(
        event=place.event, reservist=other, state="confirmed", confirmed_by=place.confirmed_by
    )


def _delete_letters(kind: str) -> int:
    return Letter.objects.filter(kind=kind).delete()[0]


ZARECHNY_BREAKS: list[tuple[Check, str, Callable[[], Any]]] = [
    (
        checks.numbers.journal_has_neither_gap_nor_double,
        "нет номеров 1",
        lambda: _first(RegistrationEntry.objects.filter(number=1)).delete()[0],
    ),
    (
        checks.numbers.journal_lines_say_their_number,
        "записан номер «чужой»",
        lambda: _first(RegistrationEntry.objects.all()).update(text="чужой"),
    ),
    (
        checks.numbers.protocols_have_neither_gap_nor_double,
        "номера протокола нет",
        lambda: _first(Meeting.objects.filter(state="closed")).update(number=""),
    ),
    (
        checks.numbers.protocols_have_neither_gap_nor_double,
        "нет номеров",
        lambda: _first(Meeting.objects.filter(state="closed")).update(state="cancelled"),
    ),
    (
        checks.numbers.registry_editions_are_numbered_without_a_gap,
        "нет номеров 1",
        lambda: RegistryEdition.objects.filter(number=1).update(number=70),
    ),
    (
        checks.numbers.papers_have_neither_gap_nor_double,
        "номер не того вида",
        lambda: _first(IssuedPaper.objects.filter(kind="results_sheet")).update(number="?"),
    ),
    (
        checks.numbers.papers_are_what_they_were,
        "файл не тот",
        lambda: _first(IssuedPaper.objects.all()).update(sha256="0" * 64),
    ),
    (
        checks.numbers.audit_trail_is_whole,
        "изменено после опечатывания",
        lambda: _first(AuditEvent.objects.exclude(batch=None)).update(action="другое"),
    ),
    (
        checks.states.every_state_has_its_history,
        "а по журналу",
        lambda: ApplicationTrack.objects.filter(state="included").update(state="withdrawn"),
    ),
    (
        checks.states.every_state_has_its_history,
        "а было",
        lambda: TransitionLog.objects.filter(transition="register").update(from_state="draft"),
    ),
    (
        checks.states.every_state_has_its_history,
        "нет ни одной записи",
        lambda: TransitionLog.objects.filter(workflow="campaign").delete()[0],
    ),
    (
        checks.states.the_mark_of_waiting_for_admission_agrees_with_the_states,
        "а не ждёт",
        lambda: Application.objects.update(awaits_admission=True),
    ),
    (
        checks.states.no_limit_runs_for_a_closed_case,
        "ещё идёт, хотя дело закончено",
        lambda: (
            Deadline.objects.filter(content_type__model="application").update(closed_on=None, cancelled=False)
            and Application.objects.exclude(state="draft").update(state="refused")
        ),
    ),
    (
        checks.decisions.decided_lists_went_their_whole_way,
        "нет протокола или приказа",
        lambda: Order.objects.all().delete()[0],
    ),
    (
        checks.decisions.decided_lists_went_their_whole_way,
        "решён не о каждом",
        lambda: DecisionLine.objects.filter(list__state="decided").update(outcome=None),
    ),
    (
        checks.decisions.admission_rests_on_a_decision,
        "допущен(а) без решения",
        lambda: DecisionLine.objects.filter(list__decision="admission").update(outcome=None),
    ),
    (
        checks.decisions.inclusion_rests_on_a_decision,
        "включён(а) в резерв без решения",
        lambda: DecisionLine.objects.filter(list__decision="inclusion").update(outcome=False),
    ),
    (
        checks.decisions.included_people_are_members,
        "в резерве человека нет",
        lambda: Reservist.objects.update(track=None),
    ),
    (
        checks.decisions.exclusion_rests_on_a_decision,
        "исключён(а) из резерва без решения",
        lambda: _first(Reservist.objects.all()).update(state="excluded"),
    ),
    (
        checks.decisions.departures_have_a_reason,
        "а причины нет",
        lambda: _first(LineResult.objects.all()).update(supported=False, reason=""),
    ),
    (
        checks.decisions.votes_are_those_of_the_entitled,
        "не имея права голоса",
        lambda: Vote.objects.first().item.voters.clear() or 1,
    ),
    (
        checks.decisions.votes_are_those_of_the_entitled,
        "голосов больше",
        lambda: _first(LineResult.objects.all()).update(against=F("present") + 1),
    ),
    (
        checks.results.results_follow_from_the_points,
        "не следует из баллов",
        lambda: Result.objects.filter(passed=True).update(passed=False),
    ),
    (
        checks.results.results_follow_from_the_points,
        "не равны сумме",
        lambda: _first(Result.objects.all()).update(points=F("points") - 1),
    ),
    (
        checks.results.places_follow_from_the_points,
        "а по баллам — 1",
        lambda: Result.objects.filter(rank=1).update(rank=5),
    ),
    (
        checks.people.no_name_is_published_without_consent,
        "без согласия",
        lambda: (
            Consent.objects.update(items=[])
            and RegistryRow.objects.filter(registry__state="published").update(published={"name": "Кто-то"})
        ),
    ),
    (
        checks.papers.papers_can_be_read_aloud,
        "нет структуры",
        lambda: _lose_structure(IssuedPaper.objects.filter(kind="protocol").last()),
    ),
    (
        checks.people.confidential_lists_are_not_published,
        "хотя порядок этого не допускает",
        lambda: Edition.objects.get().parameters.filter(key="public_list").update(value=False),
    ),
    (
        checks.people.participation_counts_when_confirmed,
        "не подтверждено как следует",
        lambda: Participation.objects.filter(state="confirmed").update(confirmed_by=None),
    ),
    (
        checks.people.counted_events_are_the_confirmed_ones,
        "а подтверждено",
        lambda: _first(Reservist.objects.all()).update(planned_events=F("planned_events") + 1),
    ),
    (
        checks.people.a_person_has_one_place_at_an_event,
        "мест: 2",
        _double_a_place,
    ),
    (
        checks.people.events_hold_no_more_than_their_places,
        "а мест 0",
        lambda: (
            Event.objects.filter(participations__state="confirmed").update(
                state="planned",
                starts_at=clock.now() + timedelta(days=1),
                ends_at=clock.now() + timedelta(days=2),
                places=0,
            )
            and Participation.objects.filter(state="confirmed").update(state="registered")
        ),
    ),
    (
        checks.people.every_answer_has_its_participant,
        "а ответивших 1",
        lambda: Participation.objects.filter(
            pk=Participation.objects.filter(state="confirmed", answered=False).values("pk")[:1]
        ).update(answered=True),
    ),
    (
        checks.cases.appointed_members_have_an_appointment,
        "а назначения нет",
        lambda: _first(Reservist.objects.all()).update(state="appointed") and delete_appointments(),
    ),
    (
        checks.cases.filled_vacancies_have_an_appointment,
        "закрыта, а назначения нет",
        lambda: delete_appointments() and _first(Vacancy.objects.all()).update(state="filled"),
    ),
    (
        checks.cases.appointments_come_from_the_reserve_where_they_must,
        "порядок этого не допускает",
        lambda: (
            Edition.objects.get().parameters.filter(key="only_from_reserve").update(value=True)
            and _appointment(from_reserve=False)
        ),
    ),
    (
        checks.cases.appointments_belong_to_their_vacancy,
        "не закончено назначением",
        lambda: (
            Appointment.objects.exclude(referral=None).update(fell_through_at=None)
            and _first(Appointment.objects.exclude(referral=None))
            .get()
            .referral.__class__.objects.update(state="released")
        ),
    ),
    (
        checks.letters.every_letter_has_a_kind_and_a_case,
        "неизвестный вид",
        lambda: _first(Letter.objects.all()).update(kind="luck"),
    ),
    (
        checks.letters.every_letter_has_a_kind_and_a_case,
        "дела, о котором оно, нет",
        lambda: _first(Letter.objects.exclude(object_id=None)).update(object_id=10**9),
    ),
    (
        checks.letters.letters_and_decisions_belong_together,
        "нет:",
        lambda: _delete_letters("reserve.included"),
    ),
    (
        checks.letters.letters_and_decisions_belong_together,
        "такого решения не было",
        lambda: TransitionLog.objects.filter(transition="include").delete()[0],
    ),
    (
        checks.letters.results_are_not_told_before_the_decision,
        "раньше решения",
        lambda: Letter.objects.filter(kind="reserve.included").update(
            created_at=F("created_at") - timedelta(days=1)
        ),
    ),
    (
        checks.letters.sent_letters_have_a_moment,
        "когда — неизвестно",
        lambda: _first(Letter.objects.filter(state="sent")).update(sent_at=None),
    ),
]


def _appointment(*, from_reserve: bool) -> Appointment:
    vacancy = Vacancy.objects.exclude(appointments__fell_through_at=None, appointments__isnull=False).first()
    vacancy = vacancy or Vacancy.objects.first()
    delete_appointments(vacancy=vacancy)
    return Appointment.objects.create(
        vacancy=vacancy,
        person_name="Кто-то",
        from_reserve=from_reserve,
        order_number="1",
        order_dated=date(2026, 8, 1),
        recorded_by=vacancy.reported_by,
    )


ORENBURG_BREAKS: list[tuple[Check, str, Callable[[], Any]]] = [
    (
        checks.decisions.inclusion_rests_on_an_approved_conclusion,
        "без утверждённого экспертного заключения",
        lambda: ExpertConclusion.objects.update(state="ready"),
    ),
    (
        checks.development.mentors_rest_on_a_decision,
        "в составе наставников без решения",
        lambda: DecisionLine.objects.filter(list__decision="mentor_pool").update(outcome=False),
    ),
    (
        checks.development.mentors_rest_on_a_decision,
        "закреплён без решения",
        lambda: DecisionLine.objects.filter(list__decision="mentor").update(outcome=False),
    ),
    (
        checks.development.agreed_plans_say_by_whom,
        "а кем — не записано",
        lambda: DevelopmentPlan.objects.update(agreed_by=None),
    ),
    (
        checks.development.agreed_plans_say_by_whom,
        "день согласования не записан",
        lambda: DevelopmentPlan.objects.update(agreed_on=None),
    ),
    (
        checks.development.agreed_plans_say_by_whom,
        "согласован, а документа нет",
        lambda: _papers_as_other("development_plan"),
    ),
    (
        checks.development.mentors_reports_have_their_limit_and_paper,
        "закрыт не тем днём",
        lambda: MentorReport.objects.exclude(submitted_on=None).update(submitted_on=date(2020, 1, 1)),
    ),
    (
        checks.development.mentors_reports_have_their_limit_and_paper,
        "принят, а документа нет",
        lambda: _papers_as_other("mentor_report"),
    ),
    (
        checks.development.reviews_of_plans_rest_on_a_decision,
        "оценка не та, что решена",
        lambda: DecisionLine.objects.filter(list__decision="plan_review").update(outcome=None),
    ),
    (
        checks.development.reviews_of_plans_rest_on_a_decision,
        "а сигнала нет",
        _bad_finding,
    ),
    (
        checks.development.reports_have_their_limit_and_paper,
        "срока нет",
        lambda: Deadline.objects.filter(content_type__model="planreport").delete()[0],
    ),
    (
        checks.development.reports_have_their_limit_and_paper,
        "не тем днём",
        lambda: PlanReport.objects.update(submitted_on=date(2026, 1, 1)),
    ),
    (
        checks.development.reports_have_their_limit_and_paper,
        "принят, а документа нет",
        lambda: _papers_as_other("plan_report"),
    ),
    (
        checks.standing.members_stand_as_was_decided_last,
        "не те, что решены",
        lambda: _first(Reservist.objects.exclude(track=None)).update(points=F("points") / 2),
    ),
    (
        checks.standing.changes_rest_on_a_decision,
        "изменено без решения",
        lambda: DecisionLine.objects.filter(list__decision="attestation").update(outcome=False),
    ),
    (
        checks.standing.changes_rest_on_a_decision,
        "изменено без обоснования",
        lambda: ReservistChange.objects.update(ground=" "),
    ),
    (
        checks.standing.attestations_follow_from_the_points,
        "не следуют из ведомости",
        lambda: _first(AttestationEntry.objects.filter(absent=False)).update(points=F("points") / 2),
    ),
    (
        checks.standing.attestations_follow_from_the_points,
        "место 70",
        lambda: _first(AttestationEntry.objects.filter(absent=False)).update(rank=70),
    ),
    (
        checks.standing.decided_attestations_took_effect,
        "а в реестре его нет",
        lambda: ReservistChange.objects.all().delete()[0],
    ),
    (
        checks.standing.decided_attestations_took_effect,
        "утверждена без решения",
        lambda: DecisionList.objects.filter(decision="attestation").update(state="sent"),
    ),
    (
        checks.leaving.signals_sent_have_their_list,
        "а списка нет",
        lambda: ExclusionSignal.objects.update(decision_list=None, state="sent"),
    ),
    (
        checks.leaving.signals_sent_have_their_list,
        "органу не передан",
        lambda: ExclusionSignal.objects.exclude(decision_list=None).update(state="dismissed"),
    ),
    (
        checks.leaving.signals_sent_have_their_list,
        "список не о том",
        lambda: DecisionList.objects.filter(decision="exclusion").update(object_id=10**9),
    ),
    (
        checks.leaving.excluded_people_have_a_ground,
        "основания из порядка нет",
        lambda: Reservist.objects.filter(state="excluded").update(end_ground=None),
    ),
    (
        checks.leaving.the_ministry_got_its_list,
        "не направлен",
        lambda: MinistryList.lists.through.objects.all().delete()[0],
    ),
    (
        checks.leaving.the_ministry_got_its_list,
        "документа нет",
        lambda: MinistryList.objects.update(paper=None),
    ),
    (
        checks.leaving.requests_are_answered_with_words,
        "а его текста или дня нет",
        lambda: SubjectRequest.objects.filter(state="answered").update(answer=" "),
    ),
    (
        checks.letters.letters_about_rows_have_their_row,
        "дел без письма",
        lambda: _delete_letters("mentor.given"),
    ),
    (
        checks.letters.letters_about_rows_have_their_row,
        "писем без дела",
        lambda: _first(Letter.objects.filter(kind="mentor.given")).update(key="mentor.given:0:0"),
    ),
]


def _papers_as_other(kind: str) -> int:
    return IssuedPaper.objects.filter(kind=kind).update(object_id=10**9)
