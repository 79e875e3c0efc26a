"""Detached ГОСТ signatures: valid, altered, could not be checked are three answers; trust by loaded roots alone."""

from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from reserve_portal.accounts.models import User
from reserve_portal.accounts.tests.factories import UserFactory
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.papers.cms import check_detached, may_issue, read_certificate
from reserve_portal.papers.enums import Integrity, Trust
from reserve_portal.papers.models import PaperSignature, TrustedRoot
from reserve_portal.papers.signing import (
    add_trusted_root,
    attach_scan,
    attach_signature,
    counts_as_signed,
    trust_of,
)

from .factories import PaperFactory
from .gost import make_signer, sign_detached

SAMPLE = Path(__file__).parent / "signature"
DOCUMENT, SIGNATURE = (SAMPLE / "protokol.txt").read_bytes(), (SAMPLE / "protokol.txt.sig").read_bytes()
CERTIFICATE = (SAMPLE / "signer_cert_selfsigned.pem").read_bytes()


def test_a_whole_document_is_valid_and_names_its_signer() -> None:
    verdict = check_detached(DOCUMENT, SIGNATURE)
    assert verdict.integrity == Integrity.VALID
    assert verdict.certificate is not None and verdict.certificate.owner == "Тестов Тест Тестович"
    assert verdict.certificate.organisation == "Тестовая организация"
    assert verdict.certificate == read_certificate(CERTIFICATE)
    assert verdict.signed_at is not None and verdict.certificate.valid_from <= verdict.signed_at


@pytest.mark.parametrize("ending", [b"", b"\n"])
def test_base64_and_pem_are_read_too(ending: bytes) -> None:
    plain = b64encode(SIGNATURE)
    armoured = b"-----BEGIN CMS-----\n" + plain + b"\n-----END CMS-----" + ending
    for written in (plain + ending, armoured):
        assert check_detached(DOCUMENT, written).integrity == Integrity.VALID


def test_an_altered_document_or_signature_is_altered_not_unreadable() -> None:
    altered = check_detached((SAMPLE / "protokol_tampered.txt").read_bytes(), SIGNATURE)
    assert altered.integrity == Integrity.ALTERED and "изменён" in altered.reason
    other = bytearray(SIGNATURE)
    other[-1] ^= 1
    broken = check_detached(DOCUMENT, bytes(other))
    assert broken.integrity == Integrity.ALTERED and "сертификату" in broken.reason


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "не читается"),
        (b"%PDF-1.7 no signature", "не читается"),
        (SIGNATURE[:-40], "не читается"),
        (SIGNATURE + b"\x00", "не читается"),
        (b"\x30\x80" * 5000, "не читается"),
        (CERTIFICATE, "не читается"),
        (SIGNATURE.replace(bytes.fromhex("2a85030701010202"), bytes.fromhex("2a85030701010209")), "ГОСТ"),
        (b"0" * (1024 * 1024 + 1), "больше 1 МБ"),
    ],
)
def test_what_is_not_understood_says_nothing_of_the_document(data: bytes, words: str) -> None:
    verdict = check_detached(DOCUMENT, data)
    assert verdict.integrity == Integrity.UNCHECKED and words in verdict.reason


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.integers(0, len(SIGNATURE) - 1), st.integers(1, 255))
def test_no_file_breaks_the_check(noise: bytes, place: int, flip: int) -> None:
    """Noise is unreadable; one changed byte of a true signature is never taken for another document's."""
    assert check_detached(DOCUMENT, noise).integrity == Integrity.UNCHECKED
    changed = bytearray(SIGNATURE)
    changed[place] ^= flip
    assert check_detached(DOCUMENT, bytes(changed)).integrity in Integrity


@pytest.mark.django_db
def test_trust_comes_from_loaded_roots_alone() -> None:
    verdict = check_detached(DOCUMENT, SIGNATURE)
    assert trust_of(verdict) == (Trust.UNKNOWN, "Администратор не загрузил корневых сертификатов.")
    root = add_trusted_root(CERTIFICATE, actor=UserFactory(administrator=True))
    assert trust_of(verdict)[0] == Trust.TRUSTED
    with pytest.raises(GateShut, match="уже загружен"):
        add_trusted_root(CERTIFICATE, actor=None)
    with pytest.raises(GateShut, match="не читается"):
        add_trusted_root(SIGNATURE, actor=None)
    TrustedRoot.objects.filter(pk=root.pk).update(is_active=False)
    assert trust_of(verdict)[0] == Trust.UNKNOWN
    assert not may_issue(read_certificate(CERTIFICATE).der)


@pytest.mark.django_db
def test_a_chain_is_climbed_over_the_file_to_a_loaded_root() -> None:
    root = make_signer("Головной центр", number=101, ca=True)
    centre = make_signer("Удостоверяющий центр", number=102, issuer=root, ca=True)
    signer = make_signer("Петрова", "Анна Ильинична", number=103, issuer=centre)
    clerk = make_signer("Клеркин", "Олег", number=104, issuer=signer)
    at = datetime(2026, 3, 11, 9, tzinfo=UTC)
    add_trusted_root(root.der, actor=None)
    whole = check_detached(b"text", sign_detached(b"text", signer, at=at, others=(centre.der,)))
    assert whole.integrity == Integrity.VALID and trust_of(whole)[0] == Trust.TRUSTED
    assert whole.certificate is not None and whole.certificate.owner == "Петрова Анна Ильинична"
    broken = check_detached(b"text", sign_detached(b"text", signer, at=at))
    assert broken.integrity == Integrity.VALID and trust_of(broken)[0] == Trust.UNKNOWN
    others = (signer.der, centre.der)
    by_no_centre = check_detached(b"text", sign_detached(b"text", clerk, at=at, others=others))
    assert trust_of(by_no_centre)[0] == Trust.UNKNOWN
    with pytest.raises(GateShut, match="не корневой"):
        add_trusted_root(clerk.der, actor=None)
    early = datetime(2025, 3, 11, 9, tzinfo=UTC)
    before = check_detached(b"text", sign_detached(b"text", signer, at=early, others=(centre.der,)))
    assert trust_of(before)[0] == Trust.NOT_IN_TERM


@pytest.mark.django_db
def test_the_administrator_loads_and_retires_roots(client_of: Callable[[User], Client]) -> None:
    browser = client_of(UserFactory(administrator=True))
    page = reverse("admin:papers_trustedroot_add")
    assert browser.get(page).status_code == 200
    wrong = browser.post(page, {"file": SimpleUploadedFile("a.cer", SIGNATURE)})
    assert "не читается как сертификат" in wrong.content.decode()
    assert browser.post(page, {"file": SimpleUploadedFile("a.cer", CERTIFICATE)}).status_code == 302
    root = TrustedRoot.objects.get()
    assert root.name == "Тестов Тест Тестович" and root.added_by is not None
    browser.post(reverse("admin:papers_trustedroot_change", args=[root.pk]), {})
    assert not TrustedRoot.objects.get().is_active
    for who in ("operator", "auditor"):
        answer = client_of(UserFactory(**{who: True})).post(page, {})
        assert answer.status_code == 403


@pytest.mark.django_db
def test_a_certificate_out_of_its_term_is_not_trusted() -> None:
    add_trusted_root(CERTIFICATE, actor=None)
    verdict = check_detached(DOCUMENT, SIGNATURE)
    late = verdict.__class__(verdict.integrity, "", verdict.certificate, (), datetime(2090, 1, 1, tzinfo=UTC))
    assert trust_of(late)[0] == Trust.NOT_IN_TERM
    assert verdict.certificate is not None
    early = verdict.certificate.valid_from - timedelta(seconds=1)
    assert (
        trust_of(verdict.__class__(verdict.integrity, "", verdict.certificate, (), early))[0]
        == Trust.NOT_IN_TERM
    )


@pytest.mark.django_db
def test_a_signature_is_kept_with_its_answer_and_counts_only_for_its_owner() -> None:
    signer = UserFactory()
    paper = PaperFactory(person=signer, content=DOCUMENT + b" changed")
    with clock.travel(datetime(2026, 11, 23, 9, tzinfo=UTC)):
        wrong = attach_signature(
            paper, data=SIGNATURE, signer=signer, name="Тестов Тест Тестович", actor=signer
        )
        bad = attach_signature(paper, data=b"junk", signer=signer, name="Тестов Тест Тестович", actor=signer)
        scan = attach_scan(paper, data=b"%PDF-1.7", actor=signer)
    assert (wrong.integrity, bad.integrity) == (Integrity.ALTERED, Integrity.UNCHECKED)
    paper = PaperFactory(person=signer, content=DOCUMENT)
    good = attach_signature(paper, data=SIGNATURE, signer=signer, name="тестов тест тестович", actor=signer)
    foreign = attach_signature(paper, data=SIGNATURE, signer=signer, name="Иванов Иван", actor=signer)
    assert (good.integrity, good.trust, good.owner_fits) == (Integrity.VALID, Trust.UNKNOWN, True)
    assert good.certificate["Владелец"] == "Тестов Тест Тестович"
    assert [counts_as_signed(row) for row in (good, foreign, wrong, bad, scan)] == [
        True,
        False,
        False,
        False,
        True,
    ]
    assert PaperSignature.objects.count() == 5 and {row.tone for row in (good, wrong, bad)} == {
        "success",
        "danger",
        "warning",
    }
