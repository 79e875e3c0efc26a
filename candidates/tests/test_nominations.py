"""Nominations by municipalities and heads of schools (T1)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from candidates.conflicts import conflicts_of
from candidates.enums import ApplicationState, NominationState, TrackState
from candidates.models import Campaign, Nomination
from candidates.services import applications
from candidates.services import nominations as services
from candidates.services.nomination_terms import end_unanswered, remind_invited
from candidates.showing import nomination_standing
from candidates.uploads import RejectedUpload
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import Municipality, Organisation, User
from reserve_portal.accounts.services import invite_head
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.tests.answers import content_of
from reserve_portal.core.tests.threads import at_once
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.notifications.models import Letter

from . import applying

pytestmark = pytest.mark.django_db
NAMES = {"last_name": "Берёзкина", "first_name": "Анна", "patronymic": "Фёдоровна"}
ADDRESS = "candidate@demo.example"


@pytest.fixture
def town(db: None) -> Municipality:
    return Municipality.objects.create(oktmo="69701000", name="Город Образцовый")


@pytest.fixture
def official(town: Municipality) -> User:
    return applying.person(
        "town@demo.example", (Role.MUNICIPAL,), municipality=town, last_name="Городов", first_name="Олег"
    )


@pytest.fixture
def head(town: Municipality) -> User:
    school = Organisation.objects.create(name="Школа № 5", municipality=town)
    return applying.person(
        "head@demo.example", (Role.NOMINATOR,), organisation=school, last_name="Школьная", first_name="Ирина"
    )


@pytest.fixture
def campaign(calendar_loaded: None, travel: Any) -> Any:
    with travel(applying.INSIDE):
        yield applying.campaign()


def nominate(actor: User, campaign: Campaign, kind: str = "municipality", **fields: Any) -> Nomination:
    values = {
        "email": ADDRESS,
        "groups": campaign.edition.target_groups.all(),
        "letter_name": "письмо.png",
        "letter": applying.picture(),
        **NAMES,
        **fields,
    }
    return services.nominate_person(actor=actor, campaign=campaign, kind=kind, **values)


def test_t1_a_municipality_nominates_somebody_without_an_account(official: User, campaign: Campaign) -> None:
    nomination = nominate(official, campaign)
    letter = Letter.objects.get(kind="candidates.nominated")
    assert (letter.address, letter.to) == (ADDRESS, None)
    assert nomination.token in letter.body and "Город Образцовый" in letter.body
    person = applying.person(ADDRESS)
    application = services.accept_nomination(nomination, actor=person)
    assert application.state == ApplicationState.DRAFT
    assert application.nominations == ["municipality"]
    slot = application.items.get(document_type__code="nomination_letter")
    file = slot.current_files().get()
    assert (file.sha256, file.original_name) == (nomination.letter_sha256, "письмо.png")
    assert Letter.objects.get(kind="candidates.nomination_answered").to == official


def test_t1_a_person_may_have_several_nominations(official: User, head: User, campaign: Campaign) -> None:
    """Both letters lie in the slot, own choices of the draft stay."""
    person = applying.person(ADDRESS)
    draft = applying.draft(person, of=campaign)
    applications.set_choices(
        draft, actor=person, nominations=["self"], groups=list(campaign.edition.target_groups.all())
    )
    for nomination in (nominate(official, campaign), nominate(head, campaign, kind="head")):
        assert services.accept_nomination(nomination, actor=person) == draft
    draft.refresh_from_db()
    assert draft.nominations == ["self", "municipality", "head"]
    assert draft.items.get(document_type__code="nomination_letter").current_files().count() == 2


def test_the_answer_does_not_tell_whether_an_account_exists(
    official: User, campaign: Campaign, client_of: Any
) -> None:
    applying.person("known@demo.example")
    pages = []
    for address in ("known@demo.example", "nobody@demo.example"):
        response = post_form(client_of(official), campaign, email=address)
        page = client_of(official).get(response.url).content.decode()
        pages.append(page.replace(address, "…"))
        assert response.status_code == 302
    assert pages[0].count("приглашён, ждём ответа") == 1
    known, unknown = Nomination.objects.order_by("pk")
    assert nomination_standing(known) == nomination_standing(unknown)
    refusals = []
    for address in ("known@demo.example", "nobody@demo.example"):
        with pytest.raises(GateShut) as shut:
            nominate(official, campaign, email=address)
        refusals.append(str(shut.value))
    assert refusals[0] == refusals[1]


def post_form(client: Client, campaign: Campaign, **fields: Any) -> Any:
    data = {
        "email": ADDRESS,
        **NAMES,
        "kind": "municipality",
        "groups": [group.pk for group in campaign.edition.target_groups.all()],
        "letter": SimpleUploadedFile("письмо.png", applying.picture()),
        "agreed": "on",
        **fields,
    }
    return client.post(reverse("candidates:nominate", args=[campaign.pk]), data)


def test_a_bad_letter_is_refused_beside_its_field_and_nothing_typed_is_lost(
    official: User, campaign: Campaign, client_of: Any
) -> None:
    bad = SimpleUploadedFile("письмо.pdf", b"MZ program")
    page = post_form(client_of(official), campaign, letter=bad).content.decode()
    assert "это программа" in page and 'value="Берёзкина"' in page
    assert not Nomination.objects.exists() and not Letter.objects.exists()
    with pytest.raises(RejectedUpload):
        nominate(official, campaign, letter=b"")


def test_only_who_has_a_municipality_or_an_organisation_nominates(
    campaign: Campaign, official: User, head: User, client_of: Any
) -> None:
    """process.md 1 and 12; each in the own way alone."""
    for user, kind in ((official, "head"), (head, "municipality"), (applying.person(), "head")):
        with pytest.raises(GateShut):
            nominate(user, campaign, kind=kind, email="x@demo.example")
    address = reverse("candidates:nominations")
    assert client_of(User.objects.get(email=ADDRESS)).get(address).status_code == 403
    assert client_of(head).get(address).status_code == 200


def test_an_edition_without_nominations_offers_none(
    official: User, calendar_loaded: None, travel: Any, client_of: Any
) -> None:
    """Orenburg: everybody nominates himself."""
    with travel(applying.INSIDE):
        campaign = applying.campaign("orenburg")
        assert post_form(client_of(official), campaign).status_code == 403
        assert "нет набора" in client_of(official).get(reverse("candidates:nominations")).content.decode()


def test_an_answered_nomination_cannot_be_withdrawn_and_the_other_way_round(
    official: User, campaign: Campaign
) -> None:
    person = applying.person(ADDRESS)
    withdrawn = services.withdraw_nomination(nominate(official, campaign), actor=official)
    with pytest.raises(TransitionRefused):
        services.accept_nomination(withdrawn, actor=person)
    again = nominate(official, campaign)
    services.decline_nomination(again, actor=None)
    with pytest.raises(TransitionRefused):
        services.withdraw_nomination(again, actor=official)
    with pytest.raises(GateShut, match="отказался"):
        nominate(official, campaign)


def test_the_invitation_is_for_the_person_named(official: User, campaign: Campaign, client_of: Any) -> None:
    """The address, or the name with the link in hand; nobody else, and not the nominator."""
    nomination = nominate(official, campaign)
    stranger = applying.person("other@demo.example", last_name="Чужой", first_name="Иван")
    with pytest.raises(GateShut):
        services.accept_nomination(nomination, actor=stranger)
    page = client_of(stranger).get(reverse("candidates:invitation", args=[nomination.token]))
    assert "другому человеку" in page.content.decode()
    namesake = applying.person("private@demo.example", last_name="Березкина", first_name="анна")
    assert services.accept_nomination(nomination, actor=namesake).user == namesake
    with pytest.raises(GateShut, match="самовыдвижением"):
        nominate(official, campaign, email=official.email.upper())


def test_a_submitted_application_takes_no_further_letter(official: User, campaign: Campaign) -> None:
    nomination = nominate(official, campaign)
    person = applying.person(ADDRESS)
    applying.submitted(person, of=campaign)
    with pytest.raises(GateShut, match="уже подано"):
        services.accept_nomination(nomination, actor=person)
    nomination.refresh_from_db()
    assert nomination.state == NominationState.INVITED


def test_nothing_is_accepted_after_the_window(official: User, campaign: Campaign, travel: Any) -> None:
    nomination = nominate(official, campaign)
    person = applying.person(ADDRESS)
    with travel(applying.CLOSES + timedelta(seconds=1)):
        with pytest.raises(GateShut, match="закончен"):
            services.accept_nomination(nomination, actor=person)
        assert nomination_standing(nomination)[0] == "не ответил до конца приёма"


def test_t1_an_accepted_nomination_goes_into_the_second_draft_too(
    official: User, head: User, campaign: Campaign
) -> None:
    """Whoever begins anew need not ask for the letters again."""
    person = applying.person(ADDRESS)
    first = services.accept_nomination(nominate(official, campaign), actor=person)
    services.accept_nomination(nominate(head, campaign, kind="head"), actor=person)
    applications.withdraw_application(first, actor=person)
    second = applications.start_application(person, campaign=campaign)
    assert second != first and second.nominations == ["municipality", "head"]
    assert list(second.wanted_groups.all()) == list(campaign.edition.target_groups.all())
    assert second.items.get(document_type__code="nomination_letter").current_files().count() == 2
    assert set(Nomination.objects.values_list("application", flat=True)) == {second.pk}
    with pytest.raises(GateShut, match="уже принял"):
        nominate(official, campaign)


def test_what_was_declined_or_is_anothers_goes_into_no_draft(official: User, campaign: Campaign) -> None:
    person, other = applying.person(ADDRESS), applying.person("other@demo.example")
    services.decline_nomination(nominate(official, campaign), actor=person)
    theirs = services.accept_nomination(nominate(official, campaign, email=other.email), actor=other)
    applications.withdraw_application(theirs, actor=other)
    assert applications.start_application(person, campaign=campaign).nominations == []


# --- nobody answers -------------------------------------------------------------------------------------------------

REMINDER = "candidates.nomination_reminder"


def test_reminders_of_an_unanswered_invitation(official: User, campaign: Campaign, travel: Any) -> None:
    """7, 3 and 1 days before the window's end from nine o'clock on, each once."""
    nomination = nominate(official, campaign)
    last_day = clock.local(applying.CLOSES).date()
    for days, hour, sent in ((8, 12, 0), (7, 8, 0), (7, 9, 1), (6, 12, 1), (3, 9, 2), (1, 9, 3), (0, 12, 3)):
        with travel(last_day - timedelta(days=days), hour):
            remind_invited()
            remind_invited()
        assert Letter.objects.filter(kind=REMINDER).count() == sent, (days, hour)
    letter = Letter.objects.filter(kind=REMINDER).latest("pk")
    assert (
        letter.address == ADDRESS
        and nomination.token in letter.body
        and "остался 1 день" in letter.subject_line
    )


def test_nobody_is_reminded_in_vain(official: User, campaign: Campaign, travel: Any) -> None:
    """Not of what was answered, not after an application of the own, not on the day after a reminder's day."""
    applying.submitted(applying.person(ADDRESS), of=campaign)
    nominate(official, campaign)
    services.decline_nomination(nominate(official, campaign, email="b@demo.example"), actor=None)
    last_day = clock.local(applying.CLOSES).date()
    with travel(last_day - timedelta(days=2)):
        nominate(official, campaign, email="c@demo.example")
        assert remind_invited() == 0
    with travel(last_day - timedelta(days=1)):
        assert remind_invited() == 1
    assert Letter.objects.get(kind=REMINDER).address == "c@demo.example"


def test_the_window_ends_what_nobody_answered(
    official: User, campaign: Campaign, travel: Any, client_of: Any
) -> None:
    """At its last moment one may still accept; a second later the nominator is told, once."""
    answered = nominate(official, campaign, email="b@demo.example")
    services.decline_nomination(answered, actor=None)
    nomination = nominate(official, campaign)
    letters = Letter.objects.filter(kind="candidates.nomination_answered")
    before = letters.count()
    with travel(applying.CLOSES):
        assert end_unanswered() == 0
    with travel(applying.CLOSES + timedelta(seconds=1)):
        assert (end_unanswered(), end_unanswered()) == (1, 0)
        nomination.refresh_from_db()
        assert nomination.state == NominationState.EXPIRED
        assert "не ответил(а) до конца приёма" in letters.latest("pk").body and letters.count() == before + 1
        page = client_of(official).get(reverse("candidates:nominations")).content.decode()
        assert "не ответил до конца приёма" in page
        page = Client().get(reverse("candidates:invitation", args=[nomination.token])).content.decode()
        assert "ответить уже нельзя" in page


def test_after_a_moved_window_one_may_be_invited_again(
    official: User, campaign: Campaign, travel: Any
) -> None:
    nominate(official, campaign)
    with travel(applying.CLOSES + timedelta(days=1)):
        end_unanswered()
        campaign.closes_at += timedelta(days=9)
        campaign.save()
        assert nominate(official, campaign).state == NominationState.INVITED


def test_limits_against_abuse(official: User, head: User, campaign: Campaign, monkeypatch: Any) -> None:
    monkeypatch.setattr(services, "MAX_A_DAY", 2)
    monkeypatch.setattr(services, "MAX_TO_ADDRESS", 1)
    nominate(official, campaign)
    with pytest.raises(GateShut, match="слишком много"):
        nominate(head, campaign, kind="head")
    nominate(official, campaign, email="second@demo.example")
    with pytest.raises(GateShut, match="За сутки"):
        nominate(official, campaign, email="third@demo.example")
    monkeypatch.setattr(services, "MAX_A_DAY", 20)
    monkeypatch.setattr(services, "MAX_IN_CAMPAIGN", 2)
    with pytest.raises(GateShut, match="В одном наборе"):
        nominate(official, campaign, email="third@demo.example")


def test_the_nominator_sees_the_state_alone(official: User, campaign: Campaign, client_of: Any) -> None:
    """process.md 12: nominated by it — state only; colleagues of the municipality see it, others do not."""
    nomination = nominate(official, campaign)
    application = services.accept_nomination(nomination, actor=applying.person(ADDRESS))
    words = {
        (ApplicationState.DRAFT, None): "принял выдвижение, заявление ещё не подано",
        (ApplicationState.CORRECTION, clock.now()): "заявление зарегистрировано",
        (ApplicationState.REFUSED, clock.now()): "в рассмотрении отказано",
    }
    for (application.state, application.submitted_at), expected in words.items():
        application.save()
        nomination = Nomination.objects.get(pk=nomination.pk)
        assert nomination_standing(nomination)[0] == expected
    application.state = ApplicationState.REVIEWED
    application.save()
    application.tracks.create(target_group=campaign.edition.target_groups.get(), state=TrackState.INCLUDED)
    page = client_of(official).get(reverse("candidates:nominations")).content.decode()
    assert "включён в резерв" in page
    assert client_of(official).get(reverse("candidates:package", args=[application.pk])).status_code == 404
    colleague = applying.person("town2@demo.example", (Role.MUNICIPAL,), municipality=official.municipality)
    other_town = Municipality.objects.create(oktmo="69702000", name="Другой район")
    stranger = applying.person("town3@demo.example", (Role.MUNICIPAL,), municipality=other_town)
    assert list(Nomination.objects.visible_to(colleague)) == [nomination]
    assert not Nomination.objects.visible_to(stranger).exists()
    letter = reverse("candidates:nomination_letter", args=[nomination.pk])
    assert client_of(stranger).get(letter).status_code == 404
    withdraw = reverse("candidates:withdraw_nomination", args=[nomination.pk])
    assert client_of(colleague).get(withdraw).status_code == 403


def test_who_nominated_keeps_out_of_the_case(official: User, head: User, campaign: Campaign) -> None:
    """Computed from the fact, whatever the nominator does in the commission."""
    application = services.accept_nomination(
        nominate(head, campaign, kind="head"), actor=applying.person(ADDRESS)
    )
    assert "выдвинут этим человеком" in conflicts_of(head, application)
    assert "выдвинут этим человеком" not in conflicts_of(official, application)


def stored_letter(nomination: Nomination) -> bytes:
    with nomination.letter.open("rb") as stream:
        return bytes(stream.read())


def test_the_person_answers_from_the_letter(official: User, campaign: Campaign, client_of: Any) -> None:
    """Without an account one reads and declines; with one, the invitation stands on the home page."""
    nomination = nominate(official, campaign)
    address = reverse("candidates:invitation", args=[nomination.token])
    stranger = Client()
    page = stranger.get(address)
    assert page.status_code == 200 and "Создать учётную запись" in page.content.decode()
    letter = stranger.get(reverse("candidates:invitation_letter", args=[nomination.token]))
    assert content_of(letter) == stored_letter(nomination)
    assert stranger.get(reverse("candidates:invitation", args=["wrong"])).status_code == 404
    assert stranger.post(f"{address}accept/").status_code == 302
    client = client_of(applying.person(ADDRESS))
    assert address in client.get(reverse("home")).content.decode()
    answer = client.post(f"{address}accept/", follow=True).content.decode()
    assert "Выдвижение принято" in answer
    assert "уже принято" not in client.get(address).content.decode()
    assert client.post(f"{address}accept/", follow=True).status_code == 200
    assert nomination.application_id is None
    nomination.refresh_from_db()
    assert nomination.application.items.get(document_type__code="nomination_letter").files.count() == 1


def test_the_home_page_of_a_nominator_says_where_one_may_nominate_and_who_has_not_answered(
    official: User, campaign: Campaign, client_of: Any, travel: Any
) -> None:
    nominate(official, campaign)
    home, address = reverse("home"), reverse("candidates:nominate", args=[campaign.pk])
    page = client_of(official).get(home).content.decode()
    assert address in page and "Ждём ответа: <strong>1</strong>" in page
    with travel(applying.CLOSES + timedelta(seconds=1)):
        assert address not in client_of(official).get(home).content.decode()
    assert address not in client_of(applying.person("x@demo.example")).get(home).content.decode()


def test_declining_needs_no_account(official: User, campaign: Campaign) -> None:
    nomination = nominate(official, campaign)
    address = reverse("candidates:decline_invitation", args=[nomination.token])
    assert "Что произойдёт" in Client().get(address).content.decode()
    page = Client().post(address, follow=True).content.decode()
    assert "Вы отказались от этого выдвижения" in page
    assert Client().post(address, follow=True).status_code == 200


def test_an_operator_invites_the_head_of_a_school(town: Municipality, client_of: Any) -> None:
    """T1: nominators of organisations; somebody known keeps account, names and history."""
    operator = applying.person("operator@demo.example", (Role.OPERATOR,))
    school = Organisation.objects.create(name="Лицей № 1", municipality=town)
    address = reverse("admin:accounts_user_invite_head")
    data = {"email": "new@demo.example", "post": "директор", "organisation": school.pk, **NAMES}
    assert client_of(operator).post(address, data).status_code == 302
    head = User.objects.get(email="new@demo.example")
    assert head.has_role(Role.NOMINATOR) and head.organisation == school and head.municipality == town
    reservist = applying.person("res@demo.example", (Role.RESERVIST,), last_name="Своя")
    invite_head(
        "RES@demo.example",
        organisation=school,
        post="директор",
        actor=operator,
        **{**NAMES, "last_name": "Иная"},
    )
    reservist = User.objects.get(pk=reservist.pk)
    assert reservist.last_name == "Своя" and {"reservist", "nominator"} <= reservist.roles
    auditor = applying.person("auditor@demo.example", (Role.AUDITOR,))
    assert client_of(auditor).get(address).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_nominations_makes_a_constant_number_of_queries(
    official: User, campaign: Campaign, client_of: Any, rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        person = applying.person(f"p{number}@demo.example")
        services.accept_nomination(nominate(official, campaign, email=person.email), actor=person)
    client = client_of(official)
    client.get(reverse("candidates:nominations"))
    with django_assert_num_queries(10):
        client.get(reverse("candidates:nominations"))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_accept_once(official: User, calendar_loaded: None) -> None:
    """One letter in the slot, one answer to the nominator."""
    now = clock.now()  # threads do not travel
    campaign = applying.campaign(opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=9))
    nomination = nominate(official, campaign)
    person = applying.person(ADDRESS)

    def accept() -> Any:
        return services.accept_nomination(Nomination.objects.get(pk=nomination.pk), actor=person)

    answers = at_once([accept] * 4)
    assert sum(isinstance(answer, TransitionRefused) for answer in answers) == 3, answers
    nomination.refresh_from_db()
    assert nomination.application.items.get(document_type__code="nomination_letter").files.count() == 1
