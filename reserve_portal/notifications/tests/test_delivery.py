"""The outbox: claimed once, pauses that grow, a dead letter an operator sees and sends again (process.md 10)."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from django.core import mail
from django.utils import timezone

from reserve_portal.accounts.tests.factories import UserFactory, person_with
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core.tests.threads import at_once
from reserve_portal.notifications import services
from reserve_portal.notifications.enums import LetterState
from reserve_portal.notifications.models import Letter
from reserve_portal.notifications.services import (
    deliver_due_letters,
    deliver_letter,
    due_letters,
    resend_letter,
)
from reserve_portal.notifications.tests.factories import LetterFactory
from reserve_portal.notifications.tests.smtp_server import SmtpServer

SMTP = "django.core.mail.backends.smtp.EmailBackend"


def _true_now():
    return timezone.now()  # noqa: TID251


@pytest.fixture
def smtp(settings):
    """A mail server to which this process delivers."""
    with SmtpServer() as server:
        settings.EMAIL_BACKEND = SMTP
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        yield server


@pytest.mark.django_db
def test_a_delivered_letter_is_marked_and_not_sent_again():
    """Sent, with the time; the next sweep finds nothing."""
    letter = LetterFactory(address="a@example.org")
    assert deliver_due_letters() == 1
    letter.refresh_from_db()
    assert letter.state == LetterState.SENT and letter.sent_at and letter.attempts == 1
    (message,) = mail.outbox
    assert message.to == ["a@example.org"] and message.subject == letter.subject_line
    assert message.extra_headers["Message-ID"] == letter.message_id
    assert deliver_due_letters() == 0 and len(mail.outbox) == 1


@pytest.mark.django_db
def test_a_mail_server_gets_the_letter_as_it_was_stored(smtp):
    """Through a real server: Cyrillic whole, the own Message-ID, marked as automatic."""
    letter = LetterFactory(subject_line="Заявление № 1 — «допущено»", body="Строка\n.точка в начале\nконец")
    assert deliver_due_letters() == 1
    (message,) = smtp.accepted
    assert message["Subject"].strip() == letter.subject_line and message["Message-ID"] == letter.message_id
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().replace("\r\n", "\n").strip() == letter.body


@pytest.mark.django_db
def test_a_refused_letter_pauses_longer_each_time_and_ends_as_a_dead_letter(smtp):
    """Half a minute, a minute … an hour; after the eighth attempt it rests with its error."""
    smtp.refusal = b"451 try again later"
    letter = LetterFactory()
    pauses = []
    for _ in range(services.MAX_ATTEMPTS):
        assert deliver_letter(Letter.objects.get(pk=letter.pk)) is False
        letter.refresh_from_db()
        assert "451" in letter.error
        if letter.state == LetterState.QUEUED:
            assert deliver_letter(Letter.objects.get(pk=letter.pk)) is False  # not before its pause is over
            pauses.append(round((letter.next_attempt_at - _true_now()).total_seconds()))
            Letter.objects.filter(pk=letter.pk).update(next_attempt_at=_true_now())
    assert pauses == [30, 60, 120, 240, 480, 960, 1920]
    assert letter.state == LetterState.FAILED and letter.attempts == services.MAX_ATTEMPTS
    assert not due_letters().exists()


@pytest.mark.django_db
def test_one_bad_letter_does_not_hold_the_others(smtp):
    """The sweep goes on behind a letter that cannot be sent."""
    bad, good = LetterFactory(), LetterFactory()
    Letter.objects.filter(pk=bad.pk).update(address="не адрес\n@")
    assert deliver_due_letters() == 1
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.state, bad.state) == (LetterState.SENT, LetterState.QUEUED) and bad.error


@pytest.mark.django_db
def test_a_letter_without_a_receiver_is_not_called_sent():
    """A mail library silently sends nothing there."""
    letter = LetterFactory()
    Letter.objects.filter(pk=letter.pk).update(address="")
    assert deliver_letter(Letter.objects.get(pk=letter.pk)) is False
    letter.refresh_from_db()
    assert letter.state == LetterState.QUEUED and "не принял" in letter.error


@pytest.mark.django_db
def test_an_operator_sends_a_dead_letter_again():
    """The same row with the same Message-ID; the deed is recorded."""
    letter = LetterFactory(to=UserFactory())
    Letter.objects.filter(pk=letter.pk).update(state=LetterState.FAILED, attempts=8, error="451")
    operator = person_with("operator")
    resend_letter(letter, actor=operator)
    assert deliver_due_letters() == 1
    (message,) = mail.outbox
    assert message.extra_headers["Message-ID"] == letter.message_id
    event = AuditEvent.objects.get(action="notifications.resend")
    assert (event.actor, event.person) == (operator, letter.to)


@pytest.mark.django_db
def test_a_sent_letter_is_not_sent_again_by_the_operators_action():
    """Only what was not delivered goes back into the queue."""
    letter = LetterFactory()
    deliver_due_letters()
    resend_letter(letter, actor=None)
    assert (
        not due_letters().exists() and not AuditEvent.objects.filter(action="notifications.resend").exists()
    )


@pytest.mark.django_db
def test_a_lost_senders_letter_is_due_after_its_lease_and_no_earlier():
    """While the lease runs nobody else sends it."""
    letter = LetterFactory()
    Letter.objects.update(state=LetterState.SENDING, lease_until=_true_now() + timedelta(seconds=30))
    assert deliver_letter(Letter.objects.get(pk=letter.pk)) is False
    Letter.objects.update(lease_until=_true_now() - timedelta(seconds=1))
    assert deliver_letter(Letter.objects.get(pk=letter.pk)) is True


def test_a_lease_outlasts_the_slowest_talk_with_a_mail_server(settings):
    """Connect, EHLO, STARTTLS, EHLO, twice AUTH, MAIL, RCPT, DATA, its end: ten answers, each within the time-out."""
    assert settings.LETTER_LEASE_SECONDS > 10 * settings.EMAIL_TIMEOUT
    assert services.SWEEP_SECONDS + 10 * settings.EMAIL_TIMEOUT < settings.CELERY_TASK_TIME_LIMIT


@pytest.mark.django_db
def test_moving_the_portals_clock_starts_no_second_sender(travel):
    """Leases and pauses run on the true clock."""
    LetterFactory()
    Letter.objects.update(state=LetterState.SENDING, lease_until=_true_now() + timedelta(seconds=30))
    with travel(_true_now() + timedelta(days=400)):
        assert not due_letters().exists()


@pytest.mark.django_db
def test_a_slow_mail_server_does_not_hold_a_sweep_forever(monkeypatch):
    """After its time a sweep begins no further letter; the next one goes on."""
    monkeypatch.setattr(services, "SWEEP_SECONDS", 0)
    for _ in range(3):
        LetterFactory()
    deliver_due_letters()
    monkeypatch.setattr(services, "SWEEP_SECONDS", -1)
    assert deliver_due_letters() == 0
    monkeypatch.undo()
    assert deliver_due_letters() + len(mail.outbox) >= 3 and not due_letters().exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_senders_at_once_send_each_letter_once(smtp):
    """Any number of workers sweep at once; the server gets each letter exactly once."""
    letters = [LetterFactory() for _ in range(30)]
    sent = at_once([deliver_due_letters] * 4)
    assert sum(sent) == 30
    assert smtp.copies() == {letter.message_id: 1 for letter in letters}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_deeds_at_once_write_one_letter():
    """The unique key decides, not the order of arrival."""
    outcome = at_once([lambda: LetterFactory(key="one").pk] * 6)
    assert len(set(outcome)) == 1 and Letter.objects.count() == 1


# --- the folder of the embedded way --------------------------------------------------------------------------------


@pytest.fixture
def folder(settings, tmp_path) -> Path:
    settings.EMAIL_BACKEND = "reserve_portal.notifications.backends.FolderBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "letters"
    return settings.EMAIL_FILE_PATH


@pytest.mark.django_db
def test_the_folder_holds_each_letter_as_one_whole_readable_file(folder):
    """No mail server is needed to see what the portal writes."""
    letter = LetterFactory(body="Здравствуйте!")
    assert deliver_due_letters() == 1
    (file,) = folder.iterdir()
    assert file.suffix == ".eml" and "Здравствуйте!" in file.read_text(encoding="utf-8")
    message = message_from_bytes(file.read_bytes(), policy=default)
    assert message["Message-ID"] == letter.message_id and message["Subject"].strip() == letter.subject_line


@pytest.mark.django_db
def test_a_second_copy_replaces_its_own_file(folder):
    """The same Message-ID is the same file."""
    letter = LetterFactory()
    deliver_due_letters()
    Letter.objects.filter(pk=letter.pk).update(state=LetterState.QUEUED)
    deliver_due_letters()
    assert len(list(folder.iterdir())) == 1


@pytest.mark.django_db
def test_a_folder_that_cannot_be_written_leaves_the_letter_waiting(folder):
    """A full or forbidden disk is a failure like a mail server's."""
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("a file where the folder should be")
    letter = LetterFactory()
    assert deliver_due_letters() == 0
    letter.refresh_from_db()
    assert letter.state == LetterState.QUEUED and "FileExistsError" in letter.error
