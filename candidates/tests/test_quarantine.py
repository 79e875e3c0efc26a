"""Files wait for the virus scanner in quarantine; the person does not."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from candidates import personal_data, virus_scanner
from candidates.enums import ApplicationState, ScanState, Verdict
from candidates.health import check_virus_scanner
from candidates.models import Campaign, Consent, PackageFile
from candidates.services import applications as services
from candidates.services import intake, nominations
from candidates.services.consents import record_paper_consent
from candidates.services.quarantine import apply_verdict, scan_waiting_files
from candidates.tasks import scan_files
from reserve_portal.accounts.models import Municipality
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.core.enums import HealthLevel
from reserve_portal.core.gates import GateShut
from reserve_portal.core.tests.answers import content_of
from reserve_portal.core.tests.calendars import load_calendar_quickly
from reserve_portal.core.tests.threads import at_once
from reserve_portal.core.workflow import TransitionRefused
from reserve_portal.notifications.models import Letter

from .applying import INSIDE, campaign, complete_draft, draft, person, picture, submitted
from .scanner import NAME, SIGNATURE, scanner
from .test_uploads import pdf_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def inside_the_window(settings, tmp_path):
    settings.MEDIA_ROOT, settings.STATIC_ROOT = tmp_path / "files", tmp_path
    load_calendar_quickly()
    with clock.travel(INSIDE):
        yield


@pytest.fixture
def clamd(settings):
    with scanner() as server:
        settings.CLAMAV_ADDRESS = server.address
        yield server


def infected_pdf():
    """A sound PDF that only the scanner has something against."""
    return pdf_of(change=lambda pdf: pdf.docinfo.update({"/Title": SIGNATURE.decode()}), linearize=False)


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def page_of(application, name):
    return reverse(f"candidates:{name}", args=[application.pk])


# --- the protocol


def test_the_scanner_is_asked_over_tcp_and_over_a_socket_of_unix(settings, tmp_path):
    for path in (None, tmp_path / "clamd.ctl"):
        with scanner(path) as server:
            settings.CLAMAV_ADDRESS = server.address
            virus_scanner.ping()
            large = b"x" * (3 * virus_scanner.PIECE + 1)
            assert virus_scanner.scan(io.BytesIO(large)) == ""
            assert server.seen == [large]
            assert virus_scanner.scan(io.BytesIO(b"..." + SIGNATURE)) == NAME


@pytest.mark.parametrize("answer", ["INSTREAM size limit exceeded. ERROR", "stream: broken", "что-то"])
def test_an_answer_that_is_no_verdict_is_none(settings, answer):
    with scanner(answer=answer) as server:
        settings.CLAMAV_ADDRESS = server.address
        with pytest.raises(virus_scanner.ScannerUnavailable):
            virus_scanner.scan(io.BytesIO(b"x"))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "unix:///nowhere/clamd.ctl", "clamd", "tcp://host"])
def test_a_scanner_that_is_not_there_says_so(settings, address):
    settings.CLAMAV_ADDRESS = address
    with pytest.raises(virus_scanner.ScannerUnavailable):
        virus_scanner.ping()


# --- the quarantine


def test_without_a_scanner_nothing_waits():
    item = services.slots_of(draft())[0]
    file = services.add_file(item, name="а.png", data=picture(), actor=item.application.user)
    assert (file.scan, file.may_be_opened) == (ScanState.UNSCANNED, True)
    assert scan_waiting_files() == 0


def test_a_file_waits_for_its_verdict_and_only_its_sender_sees_the_name(clamd):
    application = submitted()
    file = PackageFile.objects.first()
    assert file.scan == ScanState.WAITING and application.state == ApplicationState.SUBMITTED
    operator = client_of(person("op@demo.example", ("operator",)))
    own = client_of(application.user)
    urls = [
        reverse("candidates:preview", args=[file.pk]),
        reverse("candidates:page", args=[file.pk, 1]),
        reverse("candidates:download", args=[file.pk]),
    ]
    for client in (own, operator):
        assert [client.get(url).status_code for url in urls] == [404] * 3
    assert file.original_name in own.get(page_of(application, "package")).content.decode()
    shown = operator.get(page_of(application, "package")).content.decode()
    assert file.original_name not in shown and "проверяется на вирусы" in shown
    scan_files()
    file.refresh_from_db()
    assert (file.scan, file.scanned_at) == (ScanState.CLEAN, INSIDE)
    for url in urls:
        answer = own.get(url)
        assert answer.status_code == 200 and content_of(answer)
    assert file.original_name in operator.get(page_of(application, "package")).content.decode()


def test_the_review_shows_the_quarantine_and_accepts_nothing_unread(clamd):
    application = submitted()
    operator = person("op@demo.example", ("operator",))
    intake.register_application(application, actor=operator)
    item = next(row for row in services.slots_of(application) if row.present_files)
    url = reverse("admin:candidates_application_change", args=[application.pk])
    shown = client_of(operator).get(f"{url}?item={item.pk}").content.decode()
    assert "Файл проверяется на вирусы" in shown and item.present_files[0].original_name not in shown
    with pytest.raises(GateShut, match="проверяются на вирусы"):
        intake.review_item(item, verdict=Verdict.ACCEPTED, actor=operator)
    scan_waiting_files()
    intake.review_item(item, verdict=Verdict.ACCEPTED, actor=operator)
    shown = client_of(operator).get(f"{url}?item={item.pk}").content.decode()
    assert item.present_files[0].original_name in shown


def test_an_infected_file_is_taken_out_with_a_letter_and_a_sentence(
    clamd, django_capture_on_commit_callbacks
):
    application = draft()
    user, item = application.user, services.slots_of(application)[0]
    services.add_file(item, name="чистый.png", data=picture(), actor=user)
    bad = services.add_file(item, name="больной.pdf", data=infected_pdf(), actor=user)
    path = bad.file.path
    with django_capture_on_commit_callbacks(execute=True):
        assert scan_waiting_files() == 2
    bad.refresh_from_db()
    assert (bad.scan, bad.scan_found, bad.removed_at, bad.file.name) == (ScanState.INFECTED, NAME, INSIDE, "")
    assert not Path(path).exists()
    letter = Letter.objects.get(kind="candidates.infected_file")
    assert letter.to == user and "больной.pdf" in letter.body and NAME in letter.body
    assert AuditEvent.objects.get(action="candidates.infected_file").details["sha256"] == bad.sha256
    client = client_of(user)
    with clock.travel(INSIDE + timedelta(minutes=1)):
        shown = client.get(page_of(application, "documents")).content.decode()
        assert "удалён: проверка нашла в нём вирус" in shown and "чистый.png" in shown
        services.add_file(item, name="новый.png", data=picture(), actor=user)
    shown = client.get(page_of(application, "documents")).content.decode()
    assert "проверка нашла" not in shown  # replaced: the sentence has served
    assert client.get(reverse("candidates:download", args=[bad.pk])).status_code == 404
    assert not apply_verdict(bad, NAME) and Letter.objects.filter(kind=letter.kind).count() == 1


def test_an_infected_file_of_a_submitted_application_is_told_in_the_review(clamd):
    """The inventory keeps what was handed in; the operator sees what became of it and sends the slot back."""
    application = complete_draft()
    item = services.slots_of(application)[0]
    services.add_file(item, name="больной.pdf", data=infected_pdf(), actor=application.user)
    services.submit_application(application, actor=application.user)
    operator = person("op@demo.example", ("operator",))
    scan_waiting_files()
    intake.register_application(application, actor=operator)
    url = reverse("admin:candidates_application_change", args=[application.pk])
    shown = client_of(operator).get(f"{url}?item={item.pk}").content.decode()
    assert f"найден вирус ({NAME})" in shown


def test_an_infected_file_undoes_the_acceptance_of_its_slot(clamd):
    application = submitted()
    file = PackageFile.objects.first()
    item = file.item
    item.verdict = Verdict.ACCEPTED
    item.save()
    apply_verdict(file, NAME)
    item.refresh_from_db()
    assert item.verdict == Verdict.PENDING and application.state == ApplicationState.SUBMITTED


def test_while_the_scanner_is_away_files_wait_and_the_health_page_says_so(settings):
    settings.CLAMAV_ADDRESS = "tcp://127.0.0.1:1"
    application = submitted()
    assert application.state == ApplicationState.SUBMITTED
    assert scan_waiting_files() == 0
    assert not PackageFile.objects.exclude(scan=ScanState.WAITING).exists()
    finding = check_virus_scanner()
    assert finding.level == HealthLevel.WARNING and "не отвечает" in finding.text
    with clock.travel(INSIDE + timedelta(minutes=31)):
        finding = check_virus_scanner()
        assert finding.level == HealthLevel.FAILED and "31 мин" in finding.text
    with scanner() as server:  # it comes back
        settings.CLAMAV_ADDRESS = server.address
        assert scan_waiting_files() == PackageFile.objects.count()
        assert check_virus_scanner().level == HealthLevel.OK


def test_taking_the_scanner_away_lets_waiting_files_out(settings):
    settings.CLAMAV_ADDRESS = "tcp://127.0.0.1:1"
    submitted()
    settings.CLAMAV_ADDRESS = ""
    assert scan_waiting_files() == PackageFile.objects.filter(scan=ScanState.UNSCANNED).count() > 0
    assert check_virus_scanner().level == HealthLevel.OK


def test_a_file_that_gets_no_verdict_holds_up_no_other(settings):
    with scanner(answer="INSTREAM size limit exceeded. ERROR") as server:
        settings.CLAMAV_ADDRESS = server.address
        submitted()
        assert scan_waiting_files() == 0
        assert len(server.seen) == PackageFile.objects.count()


# --- letters of nominators, consents on paper


@pytest.fixture
def nominator():
    town = Municipality.objects.create(oktmo="69701000", name="Город Образцовый")
    return person("town@demo.example", ("municipal",), municipality=town, last_name="Городов")


def nominate(nominator, data, **fields):
    of = fields.pop("of", None) or campaign()
    return nominations.nominate_person(
        actor=nominator,
        campaign=of,
        kind="municipality",
        email="candidate@demo.example",
        last_name="Берёзкина",
        first_name="Анна",
        patronymic="Фёдоровна",
        groups=of.edition.target_groups.all(),
        letter_name="письмо.pdf",
        letter=data,
    )


def test_t1_a_nominators_letter_is_read_after_its_verdict_alone(clamd, nominator):
    nomination = nominate(nominator, picture())
    invitation = reverse("candidates:invitation", args=[nomination.token])
    addresses = [
        (Client(), reverse("candidates:invitation_letter", args=[nomination.token])),
        (client_of(nominator), reverse("candidates:nomination_letter", args=[nomination.pk])),
    ]
    shown = Client().get(invitation).content.decode()
    assert "проверяется на вирусы" in shown and "письмо.pdf" not in shown
    assert [client.get(url).status_code for client, url in addresses] == [404, 404]
    assert (
        "проверяется на вирусы"
        in client_of(nominator).get(reverse("candidates:nominations")).content.decode()
    )
    assert scan_waiting_files() == 1
    assert "письмо.pdf" in Client().get(invitation).content.decode()
    for client, url in addresses:
        assert content_of(client.get(url)) == picture()


def test_t1_an_infected_letter_ends_the_nomination_and_is_told(
    clamd, nominator, django_capture_on_commit_callbacks
):
    nomination = nominate(nominator, infected_pdf())
    path = nomination.letter.path
    with django_capture_on_commit_callbacks(execute=True):
        assert (scan_waiting_files(), scan_waiting_files()) == (1, 0)
    nomination.refresh_from_db()
    assert (nomination.state, nomination.scan_found, nomination.letter.name) == ("withdrawn", NAME, "")
    assert not Path(path).exists()
    letter = Letter.objects.get(kind="candidates.infected_letter")
    assert letter.to == nominator and NAME in letter.body and "выдвиньте человека снова" in letter.body
    with pytest.raises(TransitionRefused):
        nominations.accept_nomination(nomination, actor=person())
    assert nominate(nominator, picture(), of=nomination.campaign).state == "invited"


def test_a_letter_accepted_before_its_verdict_waits_in_the_package_too(clamd, nominator):
    """Both copies are destroyed; the person is told of the slot, and a new draft does not take the letter along."""
    nomination = nominate(nominator, infected_pdf())
    someone = person()
    application = nominations.accept_nomination(nomination, actor=someone)
    file = PackageFile.objects.get(item__application=application)
    assert file.scan == ScanState.WAITING
    assert scan_waiting_files() == 2
    file.refresh_from_db()
    nomination.refresh_from_db()
    assert (file.file.name, nomination.letter.name, nomination.state) == ("", "", "accepted")
    assert Letter.objects.get(kind="candidates.infected_file").to == someone
    assert "уже принял" in Letter.objects.get(kind="candidates.infected_letter").body
    services.withdraw_application(application, actor=someone)
    assert services.start_application(someone, campaign=nomination.campaign).nominations == []


def paper_consent(operator, user, text, data):
    return record_paper_consent(
        user, text=text, given_on=INSIDE.date(), name="согласие.pdf", data=data, actor=operator
    )


def test_o3_2_a_consents_scan_is_read_after_its_verdict_and_an_infected_one_is_no_proof(
    clamd, django_capture_on_commit_callbacks
):
    operator, someone = person("op@demo.example", ("operator",)), person()
    text = services.texts_of(campaign().edition)[0]
    consent = paper_consent(operator, someone, text, infected_pdf())
    address = reverse("candidates:consent_proof", args=[consent.pk])
    assert [client_of(user).get(address).status_code for user in (operator, someone)] == [404, 404]
    own = client_of(someone).get(reverse("candidates:consent_paper", args=[consent.pk]), follow=True)
    assert "откройте его немного позже" in own.content.decode()
    path = consent.proof.path
    with django_capture_on_commit_callbacks(execute=True):
        assert scan_waiting_files() == 1
    assert not Path(path).exists() and not Consent.given_by(someone, text.kind).exists()
    letter = Letter.objects.get(kind="candidates.infected_consent")
    assert letter.to == operator and someone.full_name in letter.subject_line and NAME in letter.body
    again = paper_consent(operator, someone, text, picture())
    assert again != consent and scan_waiting_files() == 1
    address = reverse("candidates:consent_proof", args=[again.pk])
    assert content_of(client_of(someone).get(address)) == picture()


def test_the_persons_own_archive_names_what_waits_and_gives_it_not(clamd, nominator):
    nominate(nominator, picture())
    operator, someone = person("op@demo.example", ("operator",)), person()
    paper_consent(operator, someone, services.texts_of(Campaign.objects.get().edition)[0], picture())
    held = [*personal_data.nominations(someone).files, *personal_data.consents(someone).files]
    assert len(held) == 2 and not any(one.file for one in held)
    scan_waiting_files()
    held = [*personal_data.nominations(someone).files, *personal_data.consents(someone).files]
    assert len(held) == 2 and all(one.file for one in held)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_scans_of_an_infected_file_send_one_letter(clamd):
    item = services.slots_of(draft())[0]
    services.add_file(item, name="больной.pdf", data=infected_pdf(), actor=item.application.user)
    counts = at_once([scan_waiting_files] * 3)
    assert sum(counts) == 1
    assert Letter.objects.filter(kind="candidates.infected_file").count() == 1
