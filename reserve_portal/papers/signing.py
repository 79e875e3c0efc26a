"""Signatures under issued papers: a scan of the signed sheet, or a detached electronic signature."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from secrets import token_hex
from typing import Any

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, GateShut, require_open
from reserve_portal.core.search import search_key

from .cms import (
    Certificate,
    NotUnderstood,
    Verdict,
    check_detached,
    is_issued_by,
    may_issue,
    read_certificate,
)
from .enums import Integrity, SignatureForm, Trust
from .models import IssuedPaper, PaperSignature, TrustedRoot

LONGEST_CHAIN = 6


def root_blockers(data: bytes) -> list[Blocker]:
    """What keeps a file from being loaded as a root certificate."""
    try:
        root = read_certificate(data)
    except NotUnderstood as error:
        return [Blocker(str(error), field="file")]
    if not (may_issue(root.der) or _is_its_own_issuer(root)):
        return [
            Blocker("Этот сертификат не корневой: он не подписан сам собой и другим не выдан.", field="file")
        ]
    if TrustedRoot.objects.filter(fingerprint=root.fingerprint).exists():
        return [Blocker("Этот сертификат уже загружен.", field="file")]
    return []


@transaction.atomic
def add_trusted_root(data: bytes, *, actor: Any) -> TrustedRoot:
    """Load a root certificate; raises GateShut for what is no certificate, may sign no others or is known."""
    require_open(root_blockers(data))
    root = read_certificate(data)
    row = TrustedRoot(
        name=(root.owner or root.organisation)[:300],
        certificate=root.der,
        fingerprint=root.fingerprint,
        valid_from=root.valid_from,
        valid_until=root.valid_until,
        added_by=actor,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise GateShut([Blocker("Этот сертификат уже загружен.", field="file")]) from None
    record_event("papers.add_trusted_root", row, actor=actor, fingerprint=row.fingerprint)
    return row


@transaction.atomic
def attach_scan(paper: IssuedPaper, *, data: bytes, actor: Any) -> PaperSignature:
    """Keep the scan of the signed paper; the form has checked that it is a PDF."""
    row = PaperSignature(paper=paper, form=SignatureForm.SCAN, added_by=actor)
    _store(row, data, "pdf")
    record_event("papers.attach_scan", row, actor=actor, person=paper.person, sha256=row.sha256)
    return row


@transaction.atomic
def attach_signature(
    paper: IssuedPaper, *, data: bytes, signer: Any, name: str, actor: Any
) -> PaperSignature:
    """Keep a detached signature of `signer` (by `name` as the paper has it) with what its check said."""
    with paper.file.open("rb") as file:
        verdict = check_detached(file.read(), data)
    trust, trust_reason = trust_of(verdict)
    certificate = verdict.certificate
    row = PaperSignature(
        paper=paper,
        form=SignatureForm.DETACHED,
        signer=signer,
        signer_name=name,
        integrity=verdict.integrity,
        reason=verdict.reason,
        trust=trust,
        trust_reason=trust_reason,
        certificate=_shown(certificate) if certificate else {},
        owner_fits=certificate is not None and search_key(certificate.owner) == search_key(name),
        signed_at=verdict.signed_at,
        added_by=actor,
    )
    _store(row, data, "sig")
    record_event(
        "papers.attach_signature",
        row,
        actor=actor,
        person=paper.person,
        sha256=row.sha256,
        integrity=row.integrity,
        trust=row.trust,
    )
    return row


def trust_of(verdict: Verdict) -> tuple[Trust, str]:
    """Say whether the certificate leads to a loaded root; the reason in words. Revocation is not looked up."""
    certificate = verdict.certificate
    if certificate is None:
        return Trust.UNKNOWN, "Сертификат не прочитан."
    moment = verdict.signed_at or clock.now()
    if not certificate.valid_from <= moment <= certificate.valid_until:
        return Trust.NOT_IN_TERM, "В момент подписания сертификат не действовал."
    roots = [bytes(row.certificate) for row in TrustedRoot.objects.filter(is_active=True)]
    if not roots:
        return Trust.UNKNOWN, "Администратор не загрузил корневых сертификатов."
    try:
        root = _root_of(certificate.der, verdict.others, roots, moment)
    except NotUnderstood as error:
        return Trust.UNKNOWN, str(error)
    if root is None:
        return Trust.UNKNOWN, "Сертификат не выдан ни одним из загруженных корневых."
    return Trust.TRUSTED, f"Корневой сертификат: {root.owner or root.organisation}. Отзыв не проверялся."


def _is_its_own_issuer(certificate: Certificate) -> bool:
    try:
        return is_issued_by(certificate.der, certificate.der)
    except NotUnderstood:
        return False


def _root_of(der: bytes, others: Iterable[bytes], roots: list[bytes], moment: datetime) -> Certificate | None:
    """Climb from a certificate over those of the file to a root valid at the moment; None where there is no way."""
    left = [other for other in others if may_issue(other)]
    for _ in range(LONGEST_CHAIN):
        for root in roots:
            if der == root or (may_issue(root) and is_issued_by(der, root)):
                found = read_certificate(root)
                return found if found.valid_from <= moment <= found.valid_until else None
        above = next((other for other in left if is_issued_by(der, other)), None)
        if above is None:
            return None
        left.remove(above)
        between = read_certificate(above)
        if not between.valid_from <= moment <= between.valid_until:
            return None
        der = above
    return None


def _shown(certificate: Certificate) -> dict[str, Any]:
    """What is kept of a certificate to be shown."""
    return {
        "Владелец": certificate.owner,
        "Организация": certificate.organisation,
        "Кем выдан": certificate.issuer,
        "Номер": certificate.serial,
        "Действует с": f"{clock.local(certificate.valid_from):%d.%m.%Y}",
        "Действует по": f"{clock.local(certificate.valid_until):%d.%m.%Y}",
        **certificate.numbers,
    }


def _store(row: PaperSignature, data: bytes, ending: str) -> None:
    row.sha256 = sha256(data).hexdigest()
    row.size = len(data)
    row.file.save(f"{token_hex(16)}.{ending}", ContentFile(data), save=False)
    row.save()


def counts_as_signed(row: PaperSignature) -> bool:
    """A signature counts when the document is whole and the certificate is the signer's own."""
    return row.form == SignatureForm.SCAN or (row.integrity == Integrity.VALID and row.owner_fits)
