"""Writing letters and delivering them."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from email.utils import make_msgid, parseaddr
from secrets import token_hex
from time import monotonic
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.mail import EmailMessage
from django.db import IntegrityError, models, transaction
from django.db.models import Q

from reserve_portal.audit.services import record_event
from reserve_portal.core import clock, context
from reserve_portal.core.tasks import wake_after_commit
from reserve_portal.regulations.models import Edition

from .enums import LetterState
from .kinds import fill, letter_kinds, unknown_placeholders
from .models import Letter, LetterText, Mailing

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=30)
SWEEP_SECONDS = 30
KEY_LENGTH = Letter._meta.get_field("key").max_length or 0


def send_letter(
    code: str,
    *,
    to: Any = None,
    address: str = "",
    key: str,
    values: Mapping[str, Any] | None = None,
    about: models.Model | None = None,
) -> Letter:
    """Store a letter of kind `code` in the caller's transaction, once per `key`; it leaves after the commit.

    `to` is a user (or `address` for somebody without an account); `values` fill the kind's placeholders. A second call
    with the same key returns the stored letter. Raises LookupError for an unknown kind, KeyError for a placeholder of
    the kind without a value, whether the present text uses it or not: the operator's next text may.
    """
    text = _text(code)
    missing = set(letter_kinds.get(code).placeholders) - set(values or {})
    if missing:
        raise KeyError(f"Letter {code}: no value for {', '.join(sorted(missing))}")
    filled = {name: str(value) for name, value in (values or {}).items()} | common_values(to)
    return store_letter(
        code,
        to=to,
        address=address or to.email,
        key=key,
        subject_line=fill(text[0], filled),
        body=fill(text[1], filled),
        about=about,
        values=filled,
    )


def send_mailed(
    mailing: Mailing, code: str, *, to: Any, values: Mapping[str, Any], about: models.Model
) -> Letter:
    """Store a mailing's letter to one of its receivers, once to each however often it is called.

    Raises KeyError for a placeholder of the mailing's text without a value.
    """
    filled = {name: str(value) for name, value in values.items()} | common_values(to)
    return store_letter(
        code,
        to=to,
        address=to.email,
        key=f"mailing:{mailing.pk}:{to.pk}",
        subject_line=fill(mailing.subject, filled),
        body=fill(mailing.body, filled),
        about=about,
        mailing=mailing,
    )


@transaction.atomic
def begin_mailing(*, token: str, subject: str, body: str, total: int, actor: Any) -> tuple[Mailing, bool]:
    """Store a mailing once per `token`; returns it, and whether it is new (False: the second click of two)."""
    mailing, is_new = Mailing.objects.get_or_create(
        token=token, defaults={"subject": subject, "body": body, "total": total, "created_by": actor}
    )
    if is_new:
        record_event("notifications.begin_mailing", mailing, actor=actor, subject=subject, total=total)
    return mailing, is_new


@transaction.atomic
def save_letter_text(code: str, *, subject: str, body: str, actor: Any) -> LetterText:
    """Store the operator's own text of a kind of letter. Raises ValidationError for a placeholder the kind lacks."""
    row, _ = LetterText.objects.get_or_create(kind=code, defaults={"subject": subject, "body": body})
    row.subject, row.body = subject, body
    row.full_clean()
    row.save()
    context.forget("letter-texts")
    record_event("notifications.save_text", row, actor=actor, kind=code)
    return row


@transaction.atomic
def restore_letter_text(row: LetterText, *, actor: Any) -> None:
    """Give a kind of letter the portal's own text back."""
    record_event("notifications.restore_text", row, actor=actor, kind=row.kind)
    row.delete()
    context.forget("letter-texts")


def present_text(code: str) -> tuple[str, str]:
    """Subject and body that letters of this kind have now."""
    return _text(code)


def common_values(to: Any) -> dict[str, str]:
    """What fills the placeholders that every letter has."""
    return {
        "greeting": to.greeting if to else "коллега",
        "portal_url": settings.SITE_URL,
        "signature": _signature(),
    }


def store_letter(
    code: str,
    *,
    to: Any,
    address: str,
    key: str,
    subject_line: str,
    body: str,
    about: models.Model | None = None,
    in_cabinet: bool = True,
    values: Mapping[str, str] | None = None,
    mailing: Mailing | None = None,
) -> Letter:
    """Store a letter whose text is ready (once per `key`) and wake the delivery after the commit.

    Raises ValueError for a key or address that cannot be stored: a cut key could swallow another letter.
    """
    if not address or len(key) > KEY_LENGTH:
        raise ValueError(f"Letter {code}: no address, or a key longer than {KEY_LENGTH} characters")
    stored = Letter.objects.filter(key=key)
    if stored.exists():
        return stored.get()
    try:
        with transaction.atomic():
            letter = Letter.objects.create(
                key=key,
                kind=code,
                to=to,
                address=address,
                subject_line=" ".join(subject_line.split())[
                    :250
                ],  # a line break would be refused as a header
                body=body,
                in_cabinet=in_cabinet,
                values=dict(values or {}),
                mailing=mailing,
                message_id=make_msgid(domain=parseaddr(settings.DEFAULT_FROM_EMAIL)[1].split("@")[-1]),
                content_type=ContentType.objects.get_for_model(about) if about is not None else None,
                object_id=about.pk if about is not None else None,
            )
    except IntegrityError:
        twin = stored.first()  # written twice at once
        if twin is None:
            raise
        return twin
    wake_after_commit("notifications.sweep_letters")
    return letter


def due_letters() -> models.QuerySet[Letter]:
    """Letters that wait for their (next) attempt, and those whose sender was lost (its lease ran out)."""
    now = clock.true_now()
    waiting = Q(state=LetterState.QUEUED) & (Q(next_attempt_at=None) | Q(next_attempt_at__lte=now))
    return Letter.objects.filter(waiting | Q(state=LetterState.SENDING, lease_until__lt=now)).order_by("pk")


def _is_due(letter: Letter) -> bool:
    """As `due_letters`, of a letter as it was read."""
    now = clock.true_now()
    if letter.state == LetterState.SENDING:
        return letter.lease_until is not None and letter.lease_until < now
    waited = letter.next_attempt_at is None or letter.next_attempt_at <= now
    return letter.state == LetterState.QUEUED and waited


def deliver_due_letters(limit: int = 200) -> int:
    """Deliver due letters one by one; returns how many left. May run in any number of processes at once.

    Begins no further letter after SWEEP_SECONDS: a slow mail server must not hold the background process, nor run into
    the task's hard limit in the middle of a letter. The next sweep goes on.
    """
    left, until = 0, monotonic() + SWEEP_SECONDS
    for letter in list(due_letters()[:limit]):
        if monotonic() > until:
            break
        left += deliver_letter(letter)
    return left


def deliver_letter(letter: Letter) -> bool:
    """Deliver one letter, unless another process has taken it since it was read; returns whether it left now.

    Claimed by a conditional update with a lease. Between the server's acceptance and the mark lies the one window in
    which a kill leads to a second copy; it carries the same Message-ID (process.md 10).
    """
    if not _is_due(letter):
        return False
    token = token_hex(8)
    lease = clock.true_now() + timedelta(seconds=settings.LETTER_LEASE_SECONDS)
    # Whoever claims or resends a letter changes one of these.
    as_read = {"state": letter.state, "attempts": letter.attempts, "lease_token": letter.lease_token}
    claimed = Letter.objects.filter(pk=letter.pk, **as_read).update(
        state=LetterState.SENDING, lease_token=token, lease_until=lease, attempts=letter.attempts + 1
    )
    if not claimed:
        return False
    letter.attempts += 1
    held = Letter.objects.filter(pk=letter.pk, lease_token=token)
    try:
        if not _message(letter).send():
            raise ValueError("почтовый сервер не принял письмо")
    except Exception as error:  # any failure of a mail server must end up on the operator's desk
        log.warning("letter %s was not delivered: %s", letter.pk, type(error).__name__)
        held.update(**_after_failure(letter, error))
        return False
    held.update(state=LetterState.SENT, sent_at=clock.now(), error="", lease_until=None)
    return True


@transaction.atomic
def resend_letter(letter: Letter, *, actor: Any) -> None:
    """Put a letter that was not delivered back into the queue."""
    changed = Letter.objects.filter(pk=letter.pk, state=LetterState.FAILED).update(
        state=LetterState.QUEUED, attempts=0, next_attempt_at=None
    )
    if changed:
        record_event("notifications.resend", letter, actor=actor, person=letter.to)


def mark_read(letter: Letter) -> None:
    """Remember when the receiver first opened the letter in the cabinet."""
    Letter.objects.filter(pk=letter.pk, read_at=None).update(read_at=clock.now())


def _text(code: str) -> tuple[str, str]:
    kind = letter_kinds.get(code)
    own = context.remembered("letter-texts", lambda: {row.kind: row for row in LetterText.objects.all()}).get(
        code
    )
    if own and not unknown_placeholders(kind, own.subject + own.body):
        return own.subject, own.body
    return kind.subject, kind.body  # also in place of an own text that an update of the portal outdated


def _signature() -> str:
    def compute() -> str:
        names = Edition.objects.filter(in_force=True).values_list("operator_name", flat=True)
        return names.first() or "Оператор кадрового резерва"

    return context.remembered("letter-signature", compute)


def _message(letter: Letter) -> EmailMessage:
    return EmailMessage(
        subject=letter.subject_line,
        body=letter.body,
        to=[letter.address],
        headers={"Message-ID": letter.message_id, "Auto-Submitted": "auto-generated"},
    )


def _after_failure(letter: Letter, error: Exception) -> dict[str, Any]:
    over = letter.attempts >= MAX_ATTEMPTS
    pause = FIRST_PAUSE * 2 ** (letter.attempts - 1)
    return {
        "state": LetterState.FAILED if over else LetterState.QUEUED,
        "next_attempt_at": None if over else clock.true_now() + pause,
        "lease_until": None,
        "error": f"{type(error).__name__}: {error}"[:1000],
    }
