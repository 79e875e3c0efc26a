"""Registration and review: the journal has no gap and no double, every verdict has its ground."""

import threading
from datetime import date

import pytest
from django.db import connection

from candidates.enums import ApplicationState, Verdict
from candidates.models import Application, RegistrationEntry
from candidates.services import intake
from candidates.services.packages import lacks_of
from candidates.tests.intake_data import (
    accept_all,
    add_plain_file,
    ground_of,
    make_campaign,
    make_edition,
    make_operator,
    make_registered,
    make_reviewed,
    make_submitted,
    moment,
)
from candidates.workflow import APPLICATION
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.notifications.models import Letter
from reserve_portal.papers.models import IssuedPaper
from reserve_portal.regulations.models import Deadline
from reserve_portal.regulations.services import copy_edition, put_in_force

pytestmark = pytest.mark.django_db
DAY = moment(2026, 4, 20)  # a Monday


@pytest.fixture(autouse=True)
def spring(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with clock.travel(DAY):
        yield


@pytest.fixture
def edition():
    return make_edition()


@pytest.fixture
def operator():
    return make_operator()


@pytest.fixture
def campaign(edition, operator):
    return make_campaign(operator, edition)


def deadlines(application, closes):
    return list(Deadline.objects.about(application).filter(limit__closes=closes))


# --- the journal ----------------------------------------------------------------------------------------------------


def test_numbers_run_without_gap_by_the_editions_pattern(campaign, operator):
    """O3.4: the journal's numbers follow one another; the pattern is the edition's."""
    entries = [intake.register_application(make_submitted(campaign), actor=operator) for _ in range(3)]
    assert [entry.text for entry in entries] == ["КР-2026-0001", "КР-2026-0002", "КР-2026-0003"]
    assert [entry.number for entry in entries] == [1, 2, 3]
    assert (entries[0].files, entries[0].pages) == (3, 6)


def test_another_pattern_gives_another_number(edition, operator):
    """The registration pattern is data of the edition."""
    edition.parameters.filter(key="registration_pattern").update(value="{number}/{year}-О")
    campaign = make_campaign(operator, edition.__class__.objects.get(pk=edition.pk))
    assert intake.register_application(make_submitted(campaign), actor=operator).text == "1/2026-О"


def test_new_edition_in_the_middle_of_a_year_never_gives_a_number_twice(campaign, edition, operator):
    intake.register_application(make_submitted(campaign), actor=operator)
    second = copy_edition(edition, code="second", name="Вторая", actor=operator)
    put_in_force(second, actor=operator)
    other = make_campaign(operator, second)
    assert intake.register_application(make_submitted(other), actor=operator).text == "КР-2026-0002"


def test_refused_registration_takes_no_number(campaign, operator):
    """A number is taken only by who is registered: the second attempt is refused, the next one follows on."""
    application = make_registered(campaign, operator)
    with pytest.raises(TransitionRefused, match="недоступно"):
        intake.register_application(Application.objects.get(pk=application.pk), actor=operator)
    assert make_registered(campaign, operator).registration.number == 2


def test_registration_closes_its_limit_opens_the_review_and_writes_once(campaign, operator):
    """Limits 1 and 2 of process.md 5; the letter names the number."""
    application = make_registered(campaign, operator)
    assert deadlines(application, "application.registered")[0].closed_on == date(2026, 4, 20)
    assert deadlines(application, "application.reviewed")[0].is_open
    letter = Letter.objects.get(kind="candidates.registered")
    assert "КР-2026-0001" in letter.subject_line
    assert f"/candidate/applications/{application.pk}/" in letter.body
    assert letter.to == application.user


def test_all_that_came_are_registered_in_the_order_of_coming(campaign, operator):
    first, second = make_submitted(campaign), make_submitted(campaign)
    Application.objects.filter(pk=first.pk).update(submitted_at=moment(2026, 4, 19))
    Application.objects.filter(pk=second.pk).update(submitted_at=moment(2026, 4, 18))
    entries, left = intake.register_all(campaign, actor=operator)
    assert [entry.application for entry in entries] == [second, first]
    assert left == 0
    assert intake.register_all(campaign, actor=operator) == ([], 0)


def test_journal_is_corrected_by_annotation_alone(campaign, operator):
    """O3.4: the line stays, notes are added with date and name."""
    entry = make_registered(campaign, operator).registration
    before = RegistrationEntry.objects.values("number", "text", "registered_at", "pages").get()
    intake.annotate_entry(entry, text="Ошибка в фамилии", actor=operator)
    intake.annotate_entry(entry, text="Исправлено", actor=operator)
    entry.refresh_from_db()
    lines = entry.annotation.splitlines()
    assert len(lines) == 2
    assert operator.short_name in lines[0]
    assert RegistrationEntry.objects.values("number", "text", "registered_at", "pages").get() == before
    with pytest.raises(GateShut):
        intake.annotate_entry(entry, text=" ", actor=operator)


# --- the review -----------------------------------------------------------------------------------------------------


def test_review_in_the_wrong_state_is_refused_in_words(campaign, operator):
    application = make_submitted(campaign)
    with pytest.raises(GateShut, match="«подано»"):
        intake.review_item(application.items.first(), verdict=Verdict.ACCEPTED, actor=operator)


@pytest.mark.parametrize(
    ("verdict", "kind", "words", "text"),
    [
        (Verdict.CORRECT, None, "нечётко", "Выберите причину"),
        (Verdict.CORRECT, "not_admitted", "", "нет в перечне"),
        (Verdict.REFUSED, None, "", "почему"),
        (Verdict.PENDING, None, "", "Выберите решение"),
    ],
)
def test_verdict_needs_its_ground(campaign, operator, verdict, kind, words, text):
    item = make_registered(campaign, operator).items.first()
    ground = ground_of(campaign, kind) if kind else None
    with pytest.raises(GateShut, match=text):
        intake.review_item(item, verdict=verdict, actor=operator, ground=ground, words=words)
    item.refresh_from_db()
    assert item.verdict == Verdict.PENDING


def test_empty_slot_is_not_accepted(campaign, operator):
    application = make_registered(campaign, operator)
    empty = next(item for item in application.items.all() if not item.current_files().exists())
    with pytest.raises(GateShut, match="принять нечего"):
        intake.review_item(empty, verdict=Verdict.ACCEPTED, actor=operator)


def test_last_verdict_closes_the_limit_of_completeness(operator):
    """O3.8: an incomplete package must be refused by day 5; checking all documents keeps that limit."""
    edition = make_edition("orenburg")
    application = make_registered(make_campaign(operator, edition), operator)
    limit = deadlines(application, "application.completeness_checked")[0]
    assert limit.due_on == date(2026, 4, 27)
    accept_all(application, operator)
    limit.refresh_from_db()
    assert limit.closed_on == date(2026, 4, 20)


def test_correction_tells_each_document_and_the_last_day(campaign, operator):
    application = make_registered(campaign, operator)
    accept_all(application, operator)
    item = application.items.first()
    ground = ground_of(campaign, "correction")
    intake.review_item(item, verdict=Verdict.CORRECT, actor=operator, ground=ground, words="Страница 2")
    intake.request_correction(application, actor=operator, note="Остальное в порядке")
    assert application.state == ApplicationState.CORRECTION
    deadline = deadlines(application, "correction.done")[0]
    assert (deadline.due_on, deadline.responsible_user) == (date(2026, 4, 27), application.user)
    letter = Letter.objects.get(kind="candidates.correction")
    assert f"/candidate/applications/{application.pk}/documents/" in letter.body
    for words in (str(item), str(ground), "Страница 2", "Остальное в порядке", "27.04.2026"):
        assert words in letter.body


def test_each_round_of_correction_has_its_own_letter(campaign, operator):
    application = make_registered(campaign, operator)
    accept_all(application, operator)
    for _ in range(2):
        intake.review_item(
            application.items.first(),
            verdict=Verdict.CORRECT,
            actor=operator,
            ground=ground_of(campaign, "correction"),
        )
        intake.request_correction(application, actor=operator)
        APPLICATION.apply(application, "correct", actor=application.user)
    assert Letter.objects.filter(kind="candidates.correction").count() == 2


def test_correction_waits_until_every_document_is_checked(campaign, operator):
    application = make_registered(campaign, operator)
    item = application.items.first()
    with pytest.raises(GateShut, match="ещё не проверен"):
        intake.request_correction(application, actor=operator)
    intake.review_item(
        item, verdict=Verdict.CORRECT, actor=operator, ground=ground_of(campaign, "correction")
    )
    with pytest.raises(GateShut, match="ещё не проверен"):
        intake.request_correction(application, actor=operator)


def test_operator_may_stop_waiting_for_a_correction(campaign, operator):
    application = make_registered(campaign, operator)
    accept_all(application, operator)
    intake.review_item(
        application.items.first(),
        verdict=Verdict.CORRECT,
        actor=operator,
        ground=ground_of(campaign, "correction"),
    )
    intake.request_correction(application, actor=operator)
    intake.end_correction(application, actor=operator, reason="Срок прошёл")
    assert application.state == ApplicationState.REGISTERED
    assert deadlines(application, "correction.done")[0].cancelled


# --- requirements ---------------------------------------------------------------------------------------------------


def test_requirements_are_computed_at_registration(campaign, operator):
    """T2: education, experience and declarations are judged with reasons."""
    application = make_registered(campaign, operator)
    found = {row.requirement.code: row.met for row in application.findings.all()}
    assert found == {"education": True, "experience": True, "no_criminal_record": True}
    assert all(row.found for row in application.findings.all())


def test_departing_from_the_computed_needs_a_reason(campaign, operator):
    application = make_registered(campaign, operator)
    finding = application.findings.first()
    with pytest.raises(GateShut, match="расходится"):
        intake.confirm_finding(finding, actor=operator, holds=False, reason=" ")
    intake.confirm_finding(finding, actor=operator, holds=False, reason="Диплом не подтверждён")
    finding.refresh_from_db()
    assert (finding.holds, finding.confirmed_by) == (False, operator)


def test_confirmed_word_stays_while_the_computed_does(campaign, operator):
    application = make_registered(campaign, operator)
    finding = application.findings.first()
    intake.confirm_finding(finding, actor=operator, holds=True, reason="")
    intake.judge_requirements(application)
    finding.refresh_from_db()
    assert finding.confirmed is True
    application.snapshot["education"] = []
    intake.judge_requirements(application)
    finding.refresh_from_db()
    assert (finding.met, finding.confirmed) == (None, None)


# --- the end of the review ------------------------------------------------------------------------------------------


def test_review_ends_with_a_proposal_and_closes_its_limit(campaign, operator):
    application = make_reviewed(campaign, operator)
    assert (application.state, application.proposal_admit) == (ApplicationState.REVIEWED, True)
    assert deadlines(application, "application.reviewed")[0].closed_on == date(2026, 4, 20)


def test_review_does_not_end_with_an_unchecked_document(campaign, operator):
    application = make_registered(campaign, operator)
    with pytest.raises(GateShut, match="ещё не проверен"):
        intake.finish_review(application, actor=operator, admit=True)


def test_admission_is_not_proposed_against_a_requirement(campaign, operator):
    """T2: who does not meet the requirements may only be proposed «not admit», or the finding is overridden first."""
    application = make_registered(campaign, operator, no_criminal_record=False)
    accept_all(application, operator)
    with pytest.raises(GateShut, match="не выполнено"):
        intake.finish_review(application, actor=operator, admit=True)
    finding = application.findings.get(requirement__code="no_criminal_record")
    intake.confirm_finding(finding, actor=operator, holds=True, reason="Справка представлена")
    intake.finish_review(application, actor=operator, admit=True)
    assert application.state == ApplicationState.REVIEWED


def test_admission_is_not_proposed_without_a_required_document(campaign, operator):
    application = make_registered(campaign, operator)
    accept_all(application, operator)
    intake.review_item(
        application.items.first(), verdict=Verdict.REFUSED, actor=operator, words="Чужой документ"
    )
    with pytest.raises(GateShut, match="Обязательный документ"):
        intake.finish_review(application, actor=operator, admit=True)


def test_not_admitting_needs_a_ground_of_the_edition(campaign, operator):
    """O3.7: the grounds are a closed list."""
    application = make_registered(campaign, operator)
    accept_all(application, operator)
    for ground in (None, ground_of(campaign, "incomplete")):
        with pytest.raises(GateShut):
            intake.finish_review(application, actor=operator, admit=False, ground=ground)


def test_refusal_for_incompleteness_tells_the_reasons(campaign, operator):
    """O3.8: reasons by e-mail; the notice is a paper about the person; open limits fall away."""
    application = make_registered(campaign, operator)
    refuse_one(application, operator)
    intake.refuse_application(
        application, actor=operator, ground=ground_of(campaign, "incomplete"), words="Нет диплома"
    )
    assert application.state == ApplicationState.REFUSED
    assert "Нет диплома" in Letter.objects.get(kind="candidates.refused").body
    notice = IssuedPaper.objects.get(kind="candidates.notice")
    assert notice.person == application.user
    assert (
        operator.short_name in notice.html and f"Специалист {campaign.edition.operator_short}" in notice.html
    )
    assert deadlines(application, "application.reviewed")[0].cancelled


def refuse_one(application, operator):
    """A verdict on which a refusal for incompleteness may rest."""
    item = application.items.get(document_type__code="education")
    intake.review_item(item, verdict=Verdict.REFUSED, actor=operator, words="Нет приложения")


def test_a_package_that_lacks_nothing_cannot_be_refused_as_incomplete(campaign, operator):
    """O3.8: the grounds grow from the verdicts; a document that is there and not refused is none."""
    application = make_registered(campaign, operator)
    with pytest.raises(GateShut, match="Все обязательные документы приложены"):
        intake.refuse_application(
            application, actor=operator, ground=ground_of(campaign, "incomplete"), words="Нет диплома"
        )
    application.items.get(document_type__code="employment").files.update(removed_at=clock.now())
    refuse_one(application, operator)
    assert [(item.document_type.code, words) for item, words in lacks_of(application)] == [
        ("education", "не принят. Нет приложения"),
        ("employment", "файла нет"),
    ]


def test_refusal_needs_words_and_the_right_ground(campaign, operator):
    application = make_registered(campaign, operator)
    refuse_one(application, operator)
    for kind, words, reason in (
        ("incomplete", " ", "Напишите, каких документов"),
        ("not_admitted", "Нет диплома", "Этого основания нет"),
    ):
        with pytest.raises(GateShut, match=reason):
            intake.refuse_application(
                application, actor=operator, ground=ground_of(campaign, kind), words=words
            )


def test_refusal_is_undone_with_a_reason_and_the_limit_runs_on(campaign, operator):
    """process.md 3: refused → registered, a named right and a reason."""
    application = make_registered(campaign, operator)
    refuse_one(application, operator)
    intake.refuse_application(
        application, actor=operator, ground=ground_of(campaign, "incomplete"), words="Нет диплома"
    )
    with pytest.raises(TransitionRefused, match="причину"):
        intake.undo_refusal(application, actor=operator, reason=" ")
    intake.undo_refusal(application, actor=operator, reason="Диплом был в пакете")
    assert (application.state, application.proposal_admit) == (ApplicationState.REGISTERED, None)
    limit = deadlines(application, "application.reviewed")[0]
    assert limit.is_open
    assert limit.due_on == date(2026, 5, 4)
    assert "Диплом был в пакете" in Letter.objects.get(kind="candidates.refusal_undone").body


def test_review_is_taken_up_again_with_a_reason(campaign, operator):
    application = make_reviewed(campaign, operator)
    intake.reopen_review(application, actor=operator, reason="Новые сведения")
    assert (application.state, application.proposal_admit) == (ApplicationState.REGISTERED, None)
    assert deadlines(application, "application.reviewed")[0].is_open


def test_deeds_are_recorded_about_the_person(campaign, operator):
    application = make_reviewed(campaign, operator)
    actions = set(AuditEvent.objects.filter(person=application.user).values_list("action", flat=True))
    assert {
        "candidates.register_application",
        "candidates.review_item",
        "candidates.finish_review",
    } <= actions


def test_empty_optional_slot_needs_no_verdict(campaign, operator):
    application = make_registered(campaign, operator)
    accept_all(application, operator)
    optional = application.items.get(document_type__code="achievements")
    add_plain_file(optional)
    with pytest.raises(GateShut, match="ещё не проверен"):
        intake.finish_review(application, actor=operator, admit=True)


# --- two operators at once ------------------------------------------------------------------------------------------


def run_at_once(*jobs):
    """Run the jobs in threads that start together; returns what each gave or raised."""
    barrier, results = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(index, job):
        try:
            barrier.wait()
            with clock.travel(DAY):
                results[index] = job()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index, job)) for index, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_registrations_at_once_leave_no_gap_and_no_double():
    operators = [make_operator(), make_operator()]
    campaign = make_campaign(operators[0], make_edition())
    applications = [make_submitted(campaign) for _ in range(12)]

    def job(application, operator):
        return lambda: intake.register_application(Application.objects.get(pk=application.pk), actor=operator)

    results = run_at_once(*[job(item, operators[index % 2]) for index, item in enumerate(applications)])
    assert not [result for result in results if isinstance(result, Exception)]
    assert sorted(RegistrationEntry.objects.values_list("number", flat=True)) == list(range(1, 13))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_one_application_registered_by_two_at_once_gets_one_number():
    operators = [make_operator(), make_operator()]
    campaign = make_campaign(operators[0], make_edition())
    application = make_submitted(campaign)
    results = run_at_once(
        *[
            lambda one=one: intake.register_application(Application.objects.get(pk=application.pk), actor=one)
            for one in operators
        ]
    )
    assert sorted(type(result).__name__ for result in results) == ["RegistrationEntry", "TransitionRefused"]
    assert make_registered(campaign, operators[0]).registration.number == 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_both_register_everything_at_once():
    operators = [make_operator(), make_operator()]
    campaign = make_campaign(operators[0], make_edition())
    for _ in range(8):
        make_submitted(campaign)
    results = run_at_once(*[lambda one=one: intake.register_all(campaign, actor=one) for one in operators])
    assert sum(len(entries) for entries, _ in results) == 8
    assert sorted(RegistrationEntry.objects.values_list("number", flat=True)) == list(range(1, 9))
