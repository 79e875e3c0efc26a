"""What a candidate is told of the own case: after the end of the window, with several tracks, after a withdrawal."""

from datetime import date, timedelta
from io import BytesIO

import pypdf
import pytest
from django.test import Client
from django.urls import reverse

from candidates import showing
from candidates.enums import ApplicationState, CampaignState, TrackState
from candidates.models import Application, Campaign
from candidates.services import applications as services
from candidates.services import intake
from candidates.services.consents import texts_of
from candidates.services.receipts import render_form
from reserve_portal.core import clock
from reserve_portal.core.dashboard import cards_for
from reserve_portal.core.tests.calendars import load_calendar_quickly

from .applying import CLOSES, INSIDE, SECOND, campaign, complete_draft, draft, person, submitted

pytestmark = pytest.mark.django_db
LATER = CLOSES + timedelta(days=10)


@pytest.fixture(autouse=True)
def inside_the_window(settings, tmp_path):
    settings.MEDIA_ROOT, settings.STATIC_ROOT = tmp_path / "files", tmp_path
    load_calendar_quickly()
    with clock.travel(INSIDE):
        yield


def page(user, name, *args):
    client = Client()
    client.force_login(user)
    return client.get(reverse(name, args=args)).content.decode()


def test_after_the_window_a_draft_is_told_as_not_submitted_and_invites_to_nothing():
    """T1, Civil Code 194: what was not handed in by the last moment is late; the home card and the pages say so."""
    application = draft()
    with clock.travel(CLOSES + SECOND):
        home = page(application.user, "home")
        own = page(application.user, "candidates:application", application.pk)
        documents = page(application.user, "candidates:documents", application.pk)
        submit = page(application.user, "candidates:submit", application.pk)
        assert not cards_for(application.user)[0].urgent
    for text in (home, own, documents, submit):
        assert "Приём закончен 3 апреля 2026 г., 23:59, заявление НЕ ПОДАНО" in text
        assert "Подать можно до" not in text and "пока вы не нажмёте" not in text
    for text in (home, own, documents):
        assert "Продолжить" not in text and reverse("candidates:submit", args=[application.pk]) not in text


def test_a_personal_term_keeps_the_way_open_and_an_announced_intake_is_named():
    application = draft()
    campaign(
        name="Осень 2026",
        opens_at=LATER + timedelta(days=100),
        closes_at=LATER + timedelta(days=130),
        state=CampaignState.PLANNED,
    )
    Application.objects.update(late_until=LATER)
    with clock.travel(CLOSES + SECOND):
        own = page(application.user, "candidates:application", application.pk)
        assert "Ваш личный срок" in own and "Проверить и подать" in own and "Осень 2026" not in own
        assert "Продолжить" in page(application.user, "home")
    with clock.travel(LATER + SECOND):
        for name, args in (("candidates:application", [application.pk]), ("home", [])):
            text = page(application.user, name, *args)
            assert "Приём закончен 14 апреля 2026 г." in text or "Приём закончен 13 апреля 2026 г." in text
            assert "Осень 2026" in text and "начнётся" in text


def test_an_earlier_personal_term_shortens_nothing():
    """The window's own end stands where the personal term lies before it."""
    application = draft()
    Application.objects.update(late_until=INSIDE)
    application.refresh_from_db()
    assert application.submit_until == CLOSES and not showing.draft_term(application)["term_is_over"]


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ((TrackState.INCLUDED, TrackState.INCLUDED), ["Поздравляем"]),
        ((TrackState.INCLUDED, TrackState.ADMITTED), ["Поздравляем", "Оператор назначит оценку"]),
        ((TrackState.PENDING, TrackState.ADMITTED), ["решает комиссия", "Оператор назначит оценку"]),
    ],
)
def test_with_two_groups_the_next_step_follows_the_tracks(states, words):
    """O1.15: each group is decided alone; who is included waits for no commission any more."""
    application = submitted(of=campaign("orenburg"))
    group = application.campaign.edition.target_groups.exclude(
        applicationtrack__application=application
    ).first()
    application.tracks.create(target_group=group)
    application.state = ApplicationState.REVIEWED
    tracks = list(application.tracks.select_related("target_group").order_by("pk"))
    for track, state in zip(tracks, states, strict=True):
        track.state = state
    text = showing.what_next(application, tracks)
    assert [word in text for word in words] == [True] * len(words)
    assert ("решает комиссия" in text) == (TrackState.PENDING in states)
    assert (str(group) in text) == (len(set(states)) > 1)


def test_a_withdrawn_application_offers_a_new_one_while_it_is_possible():
    application = submitted()
    services.withdraw_application(application, actor=application.user, reason="")
    label = "Начать новое заявление"
    own = ("candidates:application", application.pk)
    assert label in page(application.user, *own)
    with clock.travel(CLOSES + SECOND):
        assert label not in page(application.user, *own)
    services.start_application(application.user, campaign=Campaign.objects.get())
    assert label not in page(application.user, *own)


def test_achievements_are_no_step_done_before_anything_is_there():
    application = draft()
    step = next(row for row in showing.steps_of(application, []) if row.label == "Достижения")
    assert (step.state, step.note) == ("todo", "по желанию")
    services.add_achievement(
        services.get_profile(application.user),
        actor=application.user,
        kind="award",
        title="Грамота",
        year=2020,
    )
    step = next(row for row in showing.steps_of(application, []) if row.label == "Достижения")
    assert step.state == "done"


def test_the_operators_words_are_signed():
    application = submitted()
    operator = person("op@demo.example", ("operator",))
    intake.register_application(application, actor=operator)
    Application.objects.update(
        state=ApplicationState.CORRECTION, correction_note="Остальные документы в порядке."
    )
    for name in ("candidates:application", "candidates:documents"):
        text = page(application.user, name, application.pk)
        assert "<strong>Слова оператора:</strong> Остальные документы в порядке." in text


def test_a_retraining_shorter_than_the_law_knows_is_remarked_and_no_bar():
    """O1.6, T2 name no least number of hours; order № 499 does (250), so the candidate and the operator are told."""
    application = draft()
    services.add_education(
        services.get_profile(application.user),
        actor=application.user,
        level="retraining",
        field="management",
        institution="Институт",
        speciality="Менеджмент",
        year=2019,
        hours=20,
    )
    text = page(application.user, "candidates:education", application.pk)
    assert "В программе 20 часов, а меньше 250 часов — это повышение квалификации" in text
    profile = services.get_profile(application.user)
    services.add_education(
        profile,
        actor=application.user,
        level="retraining",
        field="management",
        institution="Институт",
        speciality="Менеджмент",
        year=2020,
        hours=250,
    )
    assert "повышение квалификации, а не" not in page(
        application.user, "candidates:education", application.pk
    )


def test_the_question_about_a_criminal_record_is_asked_in_whole_words():
    application = draft()
    for name, args in (("candidates:questionnaire", [application.pk]), ("candidates:self_check", [])):
        text = page(application.user, name, *args)
        assert "Есть ли у вас судимость или ограничения" in text
        assert '<option value="true">нет, ни судимости, ни ограничений</option>' in text


def test_the_slot_of_the_signed_consent_offers_the_blank_of_the_consent():
    """O3.2к: a signed blank is asked for beside the consent given online; the slot says why and gives that blank."""
    application = draft(of=campaign("orenburg"))
    text = page(application.user, "candidates:documents", application.pk)
    item = application.items.get(document_type__code="consent")
    slot = text[text.index(f'id="slot-{item.pk}"') :].split("</section>")[0]
    kept = next(row for row in texts_of(application.campaign.edition) if row.kind == "processing")
    assert reverse("candidates:blank_consent", args=[kept.pk]) in slot and "заявление (PDF)" not in slot
    assert "подп. «к» п. 3.2 Порядка" in slot
    assert text.count(reverse("candidates:form", args=[application.pk])) == 1


@pytest.mark.parametrize("periods", range(1, 9))
def test_the_signature_of_the_form_never_stands_alone_on_a_sheet(periods):
    """What is signed comes with its signature, wherever the sheet ends."""
    application = complete_draft()
    profile = services.get_profile(application.user)
    for number in range(periods):
        services.add_employment(
            profile,
            actor=application.user,
            kind="teaching",
            organisation=f"Школа № {number}",
            post="Учитель",
            since=date(2000 + number, 9, 1),
            until=date(2001 + number, 8, 31),
        )
    last = pypdf.PdfReader(BytesIO(render_form(application))).pages[-1].extract_text()
    assert "Сведения верны" in last and "Школа №" in last


def test_the_journal_tells_when_the_application_came_not_when_it_was_registered():
    """O3.4: both moments stand in the journal, whatever copy of the application is in hand."""
    application = complete_draft()  # this copy does not know of the submission
    services.submit_application(Application.objects.get(), actor=application.user)
    with clock.travel(INSIDE + timedelta(days=3)):
        entry = intake.register_application(application, actor=person("op@demo.example", ("operator",)))
    assert (entry.received_at, entry.registered_at) == (INSIDE, INSIDE + timedelta(days=3))
