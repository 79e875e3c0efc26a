"""What a withdrawn consent ends and what it does not (152-FZ, articles 9 and 21; O6.2)."""

import pytest
from django.test import Client
from django.urls import reverse

from candidates.enums import ApplicationState, TrackState
from candidates.models import Application, ApplicationTrack, Consent
from candidates.services.consents import consents_of
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import User
from reserve_portal.accounts.services import grant_role

from .applying import INSIDE, submitted

DECISIONS = "останутся в силе"
RESERVE = "Участие в кадровом резерве этим не прекращается"
VACANCY = "предложить вас на вакансию нельзя"
STOP = "прекратить обработку"


@pytest.fixture(autouse=True)
def a_moment(calendar_loaded, settings, tmp_path, travel):
    settings.MEDIA_ROOT = tmp_path
    with travel(INSIDE):
        yield


def _page(application: Application, kind: str = "processing") -> str:
    """The page that says what follows, as the person sees it."""
    return _browser(application).get(_address(application, kind)).content.decode()


def _browser(application: Application) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=application.user_id))
    return client


def _address(application: Application, kind: str) -> str:
    texts = {text.kind: text for text, _ in consents_of(application.user, application.campaign.edition)}
    return reverse("candidates:withdraw_consent", args=[application.pk, texts[kind].pk])


def _decide(application: Application, state: str) -> None:
    ApplicationTrack.objects.filter(application=application).update(state=state)


def test_an_undecided_application_is_withdrawn_with_the_consent():
    """Nothing is decided yet: it ends, which cannot be undone."""
    application = submitted()
    page = _page(application)
    assert f"Будет отозвано и заявление: {application.campaign.name}." in page
    assert "Отменить это действие нельзя" in page and STOP in page
    assert DECISIONS not in page and RESERVE not in page and VACANCY not in page


def test_a_reservist_reads_what_stays_and_where_the_rest_is_asked_for():
    """Membership and decisions stay, leaving is a step of its own, the processing is stopped by a request."""
    application = submitted()
    _decide(application, TrackState.INCLUDED)
    grant_role(application.user, Role.RESERVIST, actor=None)
    page = _page(application)
    for words in (DECISIONS, RESERVE, "Выйти из резерва", VACANCY, STOP):
        assert words in page
    assert f'href="{reverse("candidates:requests")}?kind=stop"' in page
    assert "Будет отозвано" not in page and "Отменить это действие нельзя" not in page
    _browser(application).post(_address(application, "processing"))
    application.refresh_from_db()
    assert application.tracks.get().state == TrackState.INCLUDED
    assert application.state != ApplicationState.WITHDRAWN
    assert User.objects.get(pk=application.user_id).has_role(Role.RESERVIST)
    assert Consent.objects.get(user=application.user, text__kind="processing").withdrawn_at == INSIDE


@pytest.mark.parametrize("state", [TrackState.NOT_ADMITTED, TrackState.NOT_INCLUDED])
def test_a_refusal_stays_too(state):
    """Who is not in the reserve reads nothing of leaving it."""
    application = submitted()
    _decide(application, state)
    page = _page(application)
    assert DECISIONS in page and RESERVE not in page and VACANCY not in page


def test_a_consent_by_another_text_still_lets_a_reservist_be_proposed():
    """Any consent to processing that stands is enough for a vacancy."""
    application = submitted()
    grant_role(application.user, Role.RESERVIST, actor=None)
    given = Consent.objects.get(user=application.user, text__kind="processing")
    newer = type(given.text).objects.get(pk=given.text_id)
    newer.pk, newer.version = None, newer.version + 1
    newer.save()
    Consent.objects.create(user=application.user, text=newer)
    texts = {text.pk for text, _ in consents_of(application.user, application.campaign.edition)}
    assert newer.pk in texts
    assert VACANCY not in _page(application) and RESERVE in _page(application)


def test_the_consent_to_publication_ends_nothing_of_this():
    """It has its own effect: the name leaves the published list."""
    application = submitted()
    consent = next(
        text
        for text, _ in consents_of(application.user, application.campaign.edition)
        if text.kind == "dissemination"
    )
    Consent.objects.create(user=application.user, text=consent, items=["name"])
    page = _page(application, "dissemination")
    assert "будет стоять регистрационный номер" in page and STOP not in page and DECISIONS not in page
