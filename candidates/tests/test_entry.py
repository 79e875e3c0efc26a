"""Applications that came on paper, by mail or through Госуслуги (O3.2)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from candidates.enums import ApplicationState
from candidates.models import Application, Campaign, Consent
from candidates.services import applications, entry
from candidates.services.consents import record_paper_consent, texts_of
from candidates.services.packages import add_file
from candidates.services.receipts import receipt_of
from candidates.services.registration import register_application
from candidates.services.reminders import remind_drafts
from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import User
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.tests.answers import content_of
from reserve_portal.notifications.models import Letter
from reserve_portal.regulations.models import Deadline

from . import applying

pytestmark = pytest.mark.django_db
ADDRESS = "paper@demo.example"
NAMES = {"last_name": "Бумажная", "first_name": "Вера", "patronymic": ""}
RECEIVED = applying.INSIDE - timedelta(days=3)


@pytest.fixture
def campaign(calendar_loaded: None, travel: Any) -> Any:
    with travel(applying.INSIDE):
        yield applying.campaign()


@pytest.fixture
def operator(db: None) -> User:
    return applying.person("operator@demo.example", (Role.OPERATOR,))


def begin(operator: User, campaign: Campaign, **fields: Any) -> Application:
    values = {"channel": "mail", "received_at": RECEIVED, "email": ADDRESS, **NAMES, **fields}
    return entry.begin_entry(actor=operator, campaign=campaign, **values)


def fill(application: Application, operator: User) -> None:
    """Everything that came: choices, consents, scans."""
    applying.fill_profile(application.user)
    edition = application.campaign.edition
    applications.set_choices(
        application, actor=operator, nominations=["self"], groups=list(edition.target_groups.all())
    )
    for text in texts_of(edition):
        record_paper_consent(
            application.user,
            text=text,
            given_on=clock.local(RECEIVED).date(),
            name="согласие.png",
            data=applying.picture(),
            actor=operator,
        )
    application.refresh_from_db()
    for item in applications.slots_of(application):
        if item.document_type.is_required_for(application.nominations):
            add_file(item, name="скан.png", data=applying.picture(), actor=operator)


def entered(operator: User, campaign: Campaign, **fields: Any) -> Application:
    application = begin(operator, campaign, **fields)
    fill(application, operator)
    return entry.finish_entry(application, actor=operator)


def test_o3_2_the_true_date_of_receipt_starts_the_limits(operator: User, campaign: Campaign) -> None:
    application = entered(operator, campaign)
    assert application.submitted_at == RECEIVED
    limit = Deadline.objects.open().about(application).get()
    assert limit.opened_on == clock.local(RECEIVED).date()
    entry_row = register_application(application, actor=operator)
    assert entry_row.received_at == RECEIVED


@pytest.mark.parametrize(
    ("received", "words"),
    [
        (applying.INSIDE + applying.SECOND, "ещё не наступила"),
        (applying.OPENS - applying.SECOND, "до начала приёма"),
        (applying.OPENS, ""),
        (applying.INSIDE, ""),
    ],
)
def test_the_receipt_lies_in_the_window_and_not_in_the_future(
    operator: User, campaign: Campaign, received: Any, words: str
) -> None:
    if words:
        with pytest.raises(GateShut, match=words):
            begin(operator, campaign, received_at=received)
    else:
        assert begin(operator, campaign, received_at=received).received_at == received


def test_late_is_judged_by_the_receipt_not_by_the_day_of_entering(
    operator: User, campaign: Campaign, travel: Any
) -> None:
    """Entered a week after the window what came in its last second; what came a second later is late."""
    with travel(applying.CLOSES + timedelta(days=7)):
        campaign.state = "closed"
        campaign.save()
        with pytest.raises(GateShut, match="с опозданием"):
            begin(operator, campaign, received_at=applying.CLOSES + applying.SECOND)
        application = entered(operator, campaign, received_at=applying.CLOSES)
        assert application.submitted_at == applying.CLOSES


# --- late, with a reason (process.md 3: the personal late window) ---------------------------------------------------


@pytest.fixture
def after_the_window(campaign: Campaign, travel: Any) -> Any:
    """A week later; the campaign is closed."""
    with travel(applying.CLOSES + timedelta(days=7)):
        campaign.state = "closed"
        campaign.save()
        yield campaign


LATE = applying.CLOSES + timedelta(days=2)


def test_a_late_receipt_is_taken_with_a_reason_which_opens_the_personal_window(
    operator: User, after_the_window: Campaign
) -> None:
    """The reason is kept; without one nothing is stored."""
    with pytest.raises(GateShut, match="указав причину"):
        begin(operator, after_the_window, received_at=LATE, late_reason="  ")
    assert not User.objects.filter(email=ADDRESS).exists()
    application = entered(operator, after_the_window, received_at=LATE, late_reason="Письмо шло две недели")
    assert application.submitted_at == application.late_until == LATE
    event = AuditEvent.objects.get(action="candidates.open_late_window")
    assert event.details["reason"] == "Письмо шло две недели" and event.actor_id == operator.pk


def test_paper_comes_through_the_window_opened_for_the_person(
    operator: User, after_the_window: Campaign
) -> None:
    """The empty draft of the window becomes the entry; its last moment is in time, a second later is late."""
    person = applying.person(ADDRESS)
    until = clock.now() + timedelta(days=2)
    draft = applications.open_late_window_for(
        ADDRESS, campaign=after_the_window, until=until, reason="Болезнь", actor=operator
    )
    with clock.travel(until + timedelta(days=1)):
        with pytest.raises(GateShut, match="с опозданием"):
            begin(operator, after_the_window, received_at=until + applying.SECOND)
        application = entered(operator, after_the_window, received_at=until)
    assert application.pk == draft.pk and application.user == person
    assert application.submitted_at == until and application.entered_by == operator
    assert AuditEvent.objects.filter(action="candidates.open_late_window").count() == 1


def test_a_late_draft_in_which_the_person_works_is_no_operators_affair(
    operator: User, after_the_window: Campaign
) -> None:
    person = applying.person(ADDRESS)
    draft = applications.open_late_window_for(
        ADDRESS,
        campaign=after_the_window,
        until=clock.now() + timedelta(days=2),
        reason="Болезнь",
        actor=operator,
    )
    add_file(draft.items.first(), name="скан.png", data=applying.picture(), actor=person)
    with pytest.raises(GateShut, match="черновик"):
        begin(operator, after_the_window, received_at=clock.now())


def test_the_late_reason_is_asked_beside_its_field_and_for_a_mended_date_too(
    operator: User, after_the_window: Campaign, client_of: Any
) -> None:
    client = client_of(operator)
    day, early = clock.local(LATE).date(), clock.local(RECEIVED).date()
    data = {"campaign": after_the_window.pk, "channel": "mail", "received_on": day, "email": ADDRESS, **NAMES}
    address = reverse("admin:candidates_application_enter")
    page = client.post(address, data).content.decode()
    assert "указав причину" in page and 'href="#id_late_reason"' in page
    assert client.post(address, {**data, "received_on": early}).status_code == 302
    application = Application.objects.get(user__email=ADDRESS)
    mend = reverse("admin:candidates_application_entry_receipt_date", args=[application.pk])
    late = {"channel": "mail", "received_on": day}
    assert "указав причину" in client.post(mend, late).content.decode()
    assert client.post(mend, {**late, "late_reason": "Почта"}).status_code == 302
    application.refresh_from_db()
    assert clock.local(application.received_at).date() == day
    assert application.late_until == application.received_at


def test_an_application_being_entered_is_no_draft_to_be_reminded_of(
    operator: User, campaign: Campaign
) -> None:
    begin(operator, campaign)
    with clock.travel(applying.CLOSES - timedelta(hours=8)):
        assert remind_drafts() == 0
    assert not Letter.objects.filter(kind="application.reminder").exists()


def test_the_person_takes_the_account_over_and_sees_it_all(
    operator: User, campaign: Campaign, client: Any, client_of: Any
) -> None:
    application = begin(operator, campaign)
    person = application.user
    assert not person.has_usable_password()
    address = reverse("candidates:application", args=[application.pk])
    assert client_of(person).get(address).status_code == 404  # not entered yet
    fill(application, operator)
    entry.finish_entry(application, actor=operator)
    letter = Letter.objects.get(kind="candidates.entered")
    assert letter.to == person and reverse("account_reset_password") in letter.body
    client.post(reverse("account_reset_password"), {"email": ADDRESS})
    assert "/password/reset/key/" in Letter.objects.filter(to=person).first().body
    page = client_of(person).get(address).content.decode()
    assert "Заявление подано" in page
    assert client_of(person).get(reverse("candidates:package", args=[application.pk])).status_code == 200
    proof = Consent.objects.filter(user=person).first()
    scan = client_of(person).get(reverse("candidates:consent_proof", args=[proof.pk]))
    assert content_of(scan).startswith(b"\x89PNG")
    stranger = applying.person("x@demo.example")
    assert client_of(stranger).get(reverse("candidates:consent_proof", args=[proof.pk])).status_code == 404


def test_an_incomplete_package_is_entered_knowingly(operator: User, campaign: Campaign) -> None:
    """O3.8: it is registered and reviewed; the person is told what is missing."""
    application = begin(operator, campaign)
    fill(application, operator)
    item = application.items.get(document_type__code="education")
    item.files.all().delete()
    with pytest.raises(GateShut, match="неполный"):
        entry.finish_entry(application, actor=operator)
    entry.finish_entry(application, actor=operator, incomplete=True)
    assert "Документы об образовании" in Letter.objects.get(kind="candidates.entered").body


def test_without_the_required_consent_nothing_is_entered(operator: User, campaign: Campaign) -> None:
    """152-FZ, article 9."""
    application = begin(operator, campaign)
    fill(application, operator)
    Consent.objects.all().delete()
    with pytest.raises(GateShut, match="Не дано"):
        entry.finish_entry(application, actor=operator, incomplete=True)


def test_a_consent_on_paper_keeps_its_scan_and_its_day(operator: User, campaign: Campaign) -> None:
    application = begin(operator, campaign)
    text = texts_of(campaign.edition)[0]
    values = {"name": "с.png", "data": applying.picture(), "text": text}
    with pytest.raises(GateShut, match="не наступила"):
        record_paper_consent(
            application.user, given_on=clock.today() + timedelta(days=1), actor=operator, **values
        )
    with pytest.raises(GateShut, match="оператор"):
        record_paper_consent(application.user, given_on=clock.today(), actor=application.user, **values)
    consent = record_paper_consent(application.user, given_on=clock.today(), actor=operator, **values)
    assert consent.proof_sha256 and consent.entered_by == operator and consent.address is None


def test_the_operator_never_touches_a_candidates_own_draft(
    operator: User, campaign: Campaign, client_of: Any
) -> None:
    draft = applying.draft(applying.person(ADDRESS), of=campaign)
    with pytest.raises(GateShut, match="черновик"):
        begin(operator, campaign)
    page = reverse("admin:candidates_application_entry", args=[draft.pk])
    assert client_of(operator).get(page).status_code == 404
    for role in (Role.ADMINISTRATOR, Role.AUDITOR):
        user = applying.person(f"{role}@demo.example", (role,))
        assert client_of(user).get(reverse("admin:candidates_application_enter")).status_code == 403


def test_one_application_a_campaign_and_never_the_own_one(operator: User, campaign: Campaign) -> None:
    application = begin(operator, campaign)
    assert begin(operator, campaign) == application
    with pytest.raises(GateShut, match="Оператор вносит"):
        applications.start_application(application.user, campaign=campaign)
    fill(application, operator)
    entry.finish_entry(application, actor=operator)
    assert entry.finish_entry(application, actor=operator).submitted_at == RECEIVED
    with pytest.raises(GateShut, match="уже есть"):
        begin(operator, campaign)
    with pytest.raises(GateShut, match="другой оператор"):
        begin(operator, campaign, email=operator.email)


def test_the_same_receipt_names_the_channel(operator: User, campaign: Campaign) -> None:
    application = entered(operator, campaign)
    paper = receipt_of(application, actor=operator)
    assert paper.kind == "receipt" and receipt_of(application, actor=application.user) == paper


def test_an_entry_begun_by_mistake_is_dropped(operator: User, campaign: Campaign) -> None:
    application = begin(operator, campaign)
    entry.drop_entry(application, actor=operator)
    application.refresh_from_db()
    assert application.state == ApplicationState.WITHDRAWN
    assert begin(operator, campaign) != application
    with pytest.raises(GateShut):
        entry.drop_entry(application, actor=operator)


def test_the_operators_way_through_the_pages(operator: User, campaign: Campaign, client_of: Any) -> None:
    """From the first form to the receipt, without JavaScript."""
    client = client_of(operator)
    data = {
        "campaign": campaign.pk,
        "channel": "paper",
        "received_on": clock.local(RECEIVED).date().isoformat(),
        "email": ADDRESS,
        **NAMES,
    }
    late = client.post(
        reverse("admin:candidates_application_enter"), {**data, "received_on": "2030-01-01"}
    ).content.decode()
    assert "ещё не наступила" in late and 'value="Бумажная"' in late
    response = client.post(reverse("admin:candidates_application_enter"), data)
    application = Application.objects.get()
    page = reverse("admin:candidates_application_entry", args=[application.pk])
    assert response.url == page
    town = applying.Municipality.objects.create(oktmo="69701000", name="Город")
    questionnaire = {
        "version": application.user.profile.version,
        "birth_date": "1985-05-17",
        "citizenship": "RU",
        "phone": "+7 900 000-00-01",
        "municipality": town.pk,
        "organisation_name": "Школа № 1",
        "post": "Учитель",
        "no_criminal_record": "true",
        "state_language": "true",
        "ready_to_move": "",
        "category": "",
        "achievements": "",
        "nominations": ["self"],
        "groups": [campaign.edition.target_groups.get().pk],
        "education-TOTAL_FORMS": "2",
        "education-INITIAL_FORMS": "0",
        "education-0-level": "specialist",
        "education-0-field": "pedagogy",
        "education-0-institution": "Университет",
        "education-0-speciality": "Математика",
        "education-0-year": "2007",
        "employment-TOTAL_FORMS": "1",
        "employment-INITIAL_FORMS": "0",
        "employment-0-kind": "teaching",
        "employment-0-organisation": "Школа № 1",
        "employment-0-post": "Учитель",
        "employment-0-since": "2010-09-01",
    }
    bad = client.post(page, {**questionnaire, "education-0-year": "2900"}).content.decode()
    assert "Год — не позже" in bad and 'value="Университет"' in bad
    assert client.post(page, questionnaire).status_code == 302
    stale = client.post(page, {**questionnaire, "phone": "+7 900 000-00-99"}, follow=True)
    words = stale.content.decode()
    assert "изменил анкету" in words and "+7 900 000-00-99" in words and "«+7 900 000-00-01»" in words
    assert application.user.profile.education.get().year == 2007
    for text in texts_of(campaign.edition):
        scan = {
            f"consent-{text.pk}-given_on": "2026-03-16",
            f"consent-{text.pk}-scan": SimpleUploadedFile("с.png", applying.picture()),
        }
        address = reverse("admin:candidates_application_entry_consent", args=[application.pk, text.pk])
        assert client.post(address, scan).status_code == 302
    item = application.items.get(document_type__code="application")
    address = reverse("admin:candidates_application_entry_document", args=[application.pk, item.pk])
    refused = client.post(address, {"files": SimpleUploadedFile("а.pdf", b"MZ")}).content.decode()
    assert "это программа" in refused
    assert client.post(address, {"files": SimpleUploadedFile("а.png", applying.picture())}).status_code == 302
    preview = reverse("candidates:preview", args=[item.files.get().pk])
    assert client.get(preview).status_code == 200
    finish = reverse("admin:candidates_application_entry_finish", args=[application.pk])
    assert "Подтвердите" in client.post(finish, {}).content.decode()
    done = client.post(finish, {"incomplete": "on"}, follow=True)
    assert "Расписка (PDF)" in done.content.decode()
    application.refresh_from_db()
    assert application.state == ApplicationState.SUBMITTED
    receipt = client.post(reverse("admin:candidates_application_entry_receipt", args=[application.pk]))
    assert content_of(client.get(receipt.url)).startswith(b"%PDF")
    assert client.get(page).status_code == 404  # entered: nothing to change any more
