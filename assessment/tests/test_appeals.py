"""Appeals: term, answer, correction with history, pages (process.md 3: assessed → assessed, corrected or appealed)."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from assessment.enums import AppealState
from assessment.models import Appeal, Result
from assessment.services.appeals import (
    answer_appeal,
    appeal_until,
    file_appeal,
    open_appeal_blockers,
    take_back_appeal,
)
from assessment.tests.factories import decide, give, make_open_procedure, make_person, make_track, moment
from candidates.enums import TrackState
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.models import TransitionLog
from reserve_portal.notifications.models import Letter
from reserve_portal.regulations.models import Deadline
from reservists.services.membership import inclusion_blockers

pytestmark = pytest.mark.django_db
LAST = date(
    2026, 12, 21
)  # the procedure ended on Wednesday the 16th; three working days are 17, 18 and Monday


@pytest.fixture
def result(campaign, operator):
    track = make_track(campaign)
    procedure = make_open_procedure(campaign, operator, [track], ended=True)
    return give(procedure, track, "10", "10", "40", actor=operator)


def person_of(result):
    return result.track.application.user


def on(day, hour=12):
    return clock.travel(moment(day, hour))


def fresh(result):
    return Result.objects.select_related("procedure__campaign__edition", "track__application__user").get(
        pk=result.pk
    )


def file(result, day=LAST, text="Второй вопрос не открылся."):
    with on(day):
        return file_appeal(fresh(result), text=text, actor=person_of(result))


def test_the_term_runs_from_the_procedures_end_and_its_last_day_counts(result):
    with on(LAST):
        assert appeal_until(fresh(result)) == LAST
    appeal = file(result)
    assert (appeal.state, appeal.result) == (AppealState.FILED, result)
    assert Letter.objects.get(kind="appeal.filed").to == person_of(result)
    deadline = Deadline.objects.about(appeal).get()
    assert (deadline.responsible, deadline.due_on) == ("operator", date(2026, 12, 28))


def test_a_day_late_is_late(result):
    with pytest.raises(GateShut, match="Срок апелляции прошёл"):
        file(result, date(2026, 12, 22))


def test_another_amount_of_the_edition_moves_the_term(result):
    result.procedure.campaign.edition.time_limits.filter(code="appeal").update(amount=4)
    assert file(result, date(2026, 12, 22)).pk


def test_without_a_limit_in_the_edition_there_are_no_appeals(result):
    result.procedure.campaign.edition.time_limits.filter(code="appeal").delete()
    with pytest.raises(GateShut, match="не предусматривает"):
        file(result)


def test_the_decision_shows_the_result_and_opens_the_term_anew(result):
    decide(result.track, included=False, on=date(2026, 12, 25))
    with on(date(2026, 12, 28)):
        assert appeal_until(fresh(result)) == date(2026, 12, 30)
    assert file(result, date(2026, 12, 30)).pk
    with pytest.raises(GateShut, match="уже подали"):
        file(result, date(2026, 12, 30))


def test_words_are_needed_and_only_one_appeal_waits(result):
    with pytest.raises(GateShut, match="Напишите, с чем"):
        file(result, text="  ")
    file(result)
    with pytest.raises(GateShut, match="уже подали"):
        file(result)


def test_an_appeal_taken_back_may_be_filed_anew_and_its_limit_falls_away(result):
    appeal = file(result)
    with on(LAST):
        take_back_appeal(appeal, actor=person_of(result))
    assert Deadline.objects.about(appeal).get().cancelled
    assert file(result).pk != appeal.pk


def test_an_upheld_appeal_corrects_the_result_with_its_reason(result, operator):
    appeal = file(result)
    sections = list(result.procedure.sections.all())
    with on(date(2026, 12, 23)):
        answer_appeal(
            appeal, upheld=True, answer="Вопрос зачтён.", actor=operator,
            scores=dict(zip(sections, map(Decimal, ("20", "10", "40")), strict=True)),
        )  # fmt: skip
    result.refresh_from_db()
    assert (result.points, result.passed) == (Decimal(70), True)
    row = TransitionLog.objects.about(result.track).get(transition="correct")
    assert row.reason == "60 → 70: Апелляция от 21.12.2026: Вопрос зачтён."
    assert (appeal.state, appeal.answer, appeal.answered_by) == (
        AppealState.UPHELD,
        "Вопрос зачтён.",
        operator,
    )
    assert Deadline.objects.about(appeal).get().closed_on == date(2026, 12, 23)
    assert "Вопрос зачтён." in Letter.objects.get(kind="appeal.answered").body


def test_a_rejected_appeal_leaves_the_points_and_needs_words(result, operator):
    appeal = file(result)
    section = result.procedure.sections.first()
    with on(date(2026, 12, 23)):
        with pytest.raises(GateShut, match="Напишите ответ"):
            answer_appeal(appeal, upheld=False, answer=" ", actor=operator)
        with pytest.raises(GateShut, match="только удовлетворённая"):
            answer_appeal(appeal, upheld=False, answer="Нет.", scores={section: Decimal(20)}, actor=operator)
        answer_appeal(appeal, upheld=False, answer="Сбоя не было.", actor=operator)
        with pytest.raises(GateShut, match="уже ответили"):
            answer_appeal(appeal, upheld=True, answer="Был.", actor=operator)
    result.refresh_from_db()
    assert (result.points, appeal.state) == (Decimal(60), AppealState.REJECTED)


def test_nobody_answers_the_own_appeal(result):
    appeal = file(result)
    with on(LAST), pytest.raises(GateShut, match="другой человек"):
        answer_appeal(appeal, upheld=True, answer="Да.", actor=person_of(result))


def test_the_list_for_inclusion_waits_for_the_answer(result, operator):
    appeal = file(result)
    with on(date(2026, 12, 22)):
        assert [item.text for item in open_appeal_blockers(result.procedure)] == [
            item.text for item in inclusion_blockers(fresh(result).procedure)
        ]
        answer_appeal(appeal, upheld=False, answer="Сбоя не было.", actor=operator)
        assert inclusion_blockers(fresh(result).procedure) == []


def test_the_candidate_appeals_on_pages(client, result, operator):
    client.force_login(person_of(result))
    page = reverse("assessment:procedure", args=[result.procedure_id])
    url = reverse("assessment:appeal", args=[result.procedure_id, result.track_id])
    with on(LAST):
        shown = client.get(page).content.decode()
        assert url in shown and "60 из 100" not in shown  # nothing of the result before the decision
        assert "60" not in client.get(url).content.decode().split("<main")[1].split("</main")[0]
        assert client.post(url, {"text": "Не открылся второй вопрос."}).status_code == 302
        appeal = Appeal.objects.get()
        assert "рассматривается" in client.get(url).content.decode()
        client.force_login(operator)
        answer = reverse("admin:assessment_appeal_change", args=[appeal.pk])
        sections = list(result.procedure.sections.all())
        marks = {
            f"section_{item.pk}": mark for item, mark in zip(sections, ("12,5", "10", "40"), strict=True)
        }
        assert client.post(answer, {"verdict": "upheld", "answer": "Зачли.", **marks}).status_code == 302
        client.force_login(person_of(result))
        assert "Зачли." in client.get(url).content.decode()
    assert Result.objects.get().points == Decimal("62.5")


def test_an_answer_that_changes_no_points_corrects_nothing(client, result, operator):
    appeal = file(result)
    client.force_login(operator)
    sections = result.procedure.sections.all()
    marks = {f"section_{item.pk}": mark for item, mark in zip(sections, ("10", "10", "40"), strict=True)}
    with on(LAST):
        url = reverse("admin:assessment_appeal_change", args=[appeal.pk])
        assert client.post(url, {"verdict": "rejected", "answer": "Нет.", **marks}).status_code == 302
    assert not TransitionLog.objects.filter(transition="correct").exists()


@pytest.mark.parametrize("role", ["candidate", "authority", "auditor", "expert"])
def test_an_appeal_is_the_persons_and_the_operators(client, result, role):
    appeal = file(result)
    client.force_login(make_person(role))
    with on(LAST):
        assert (
            client.get(reverse("assessment:appeal", args=[result.procedure_id, result.track_id])).status_code
            == 404
        )
        assert client.post(reverse("assessment:take_back_appeal", args=[appeal.pk])).status_code == 404
        assert client.get(reverse("admin:assessment_appeal_change", args=[appeal.pk])).status_code in (
            302,
            403,
        )
    assert Appeal.objects.get().state == AppealState.FILED


def test_who_left_does_not_appeal(result):
    result.track.state = TrackState.WITHDRAWN
    result.track.save()
    with pytest.raises(GateShut, match="а его нет"):
        file(result)


# --- What the candidate sees of a result -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shows", "seen", "hidden"),
    [
        ("passed", ["Порог не пройден"], ["60 из 100", "40 из 60"]),
        ("points", ["Порог не пройден", "60 из 100"], ["40 из 60"]),
        ("sections", ["Порог не пройден", "60 из 100", "40 из 60"], []),
    ],
)
def test_what_the_candidate_sees_is_a_setting_and_never_before_the_decision(
    client, result, shows, seen, hidden
):
    """process.md 6: passed or not, points, points by direction."""
    result.procedure.shows = shows
    result.procedure.save()
    client.force_login(person_of(result))
    url = reverse("assessment:procedure", args=[result.procedure_id])
    with on(date(2026, 12, 24)):
        before = client.get(url).content.decode()
    assert not any(words in before for words in (*seen, *hidden))
    decide(result.track, included=False, on=date(2026, 12, 25))
    with on(date(2026, 12, 28)):
        after = client.get(url).content.decode()
    assert all(words in after for words in seen) and not any(words in after for words in hidden)
