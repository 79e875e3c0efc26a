"""Detached electronic signatures (CMS, CAdES-BES) by ГОСТ Р 34.10-2012: is the file whole, and who signed it.

Only this file reads signatures. "Valid", "altered" and "could not be checked" are three different answers: what the
portal does not understand says nothing about the document.
"""

import binascii
import hashlib
import re
from base64 import b64decode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asn1crypto import cms, core, pem, x509
from gostcrypto import gosthash, gostsignature

from .enums import Integrity

MAX_BYTES = 1024 * 1024
TC26 = "id-tc26-gost-3410-2012-256-paramSet"
TC26_LONG = "id-tc26-gost-3410-12-512-paramSet"
CURVES = {
    # CryptoPro's curves A, B, C (and their twins for key exchange) are TC 26's B, C, D.
    "1.2.643.2.2.35.1": f"{TC26}B",
    "1.2.643.2.2.35.2": f"{TC26}C",
    "1.2.643.2.2.35.3": f"{TC26}D",
    "1.2.643.2.2.36.0": f"{TC26}B",
    "1.2.643.2.2.36.1": f"{TC26}D",
    "1.2.643.7.1.2.1.1.1": f"{TC26}A",
    "1.2.643.7.1.2.1.1.2": f"{TC26}B",
    "1.2.643.7.1.2.1.1.3": f"{TC26}C",
    "1.2.643.7.1.2.1.1.4": f"{TC26}D",
    "1.2.643.7.1.2.1.2.1": f"{TC26_LONG}A",
    "1.2.643.7.1.2.1.2.2": f"{TC26_LONG}B",
    "1.2.643.7.1.2.1.2.3": "id-tc26-gost-3410-2012-512-paramSetC",
}
HASHES = {"1.2.643.7.1.1.2.2": "streebog256", "1.2.643.7.1.1.2.3": "streebog512"}
KEYS = {"1.2.643.7.1.1.1.1": "streebog256", "1.2.643.7.1.1.1.2": "streebog512"}
SIGNED_BY = {**KEYS, "1.2.643.7.1.1.3.2": "streebog256", "1.2.643.7.1.1.3.3": "streebog512"}
FAULTS = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)
NAMES = {"1.2.643.3.131.1.1": "ИНН", "1.2.643.100.4": "ИНН организации", "1.2.643.100.1": "ОГРН"}


class NotUnderstood(Exception):
    """The signature cannot be checked; the words say why."""


@dataclass(frozen=True)
class Certificate:
    """What a certificate says of its owner; `der` is the certificate itself."""

    der: bytes
    owner: str
    organisation: str
    issuer: str
    serial: str
    valid_from: datetime
    valid_until: datetime
    numbers: dict[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.der).hexdigest()


@dataclass(frozen=True)
class Verdict:
    """The answer about a detached signature, with its reason in words."""

    integrity: Integrity
    reason: str
    certificate: Certificate | None = None
    others: tuple[bytes, ...] = ()  # further certificates of the file, DER: a chain may go through them
    signed_at: datetime | None = None


def check_detached(document: bytes, signature: bytes) -> Verdict:
    """Check a detached signature of `document`; never raises for what is in the file."""
    try:
        signed, signer, certificates = _parts(signature)
        certificate = _own_certificate(signer, certificates)
    except NotUnderstood as error:
        return Verdict(Integrity.UNCHECKED, str(error))
    except FAULTS:
        return Verdict(Integrity.UNCHECKED, "Файл не читается как отсоединённая электронная подпись.")
    try:
        owner = read_certificate(certificate.dump())
        others = tuple(row.dump() for row in certificates if row is not certificate)
        reason = _fault(document, signed, signer, certificate)
        signed_at = _attribute(signer, "signing_time")
    except NotUnderstood as error:
        return Verdict(Integrity.UNCHECKED, str(error))
    except FAULTS:
        return Verdict(Integrity.UNCHECKED, "Подпись или сертификат записаны с ошибками.")
    if reason:
        return Verdict(Integrity.ALTERED, reason, owner, others, signed_at)
    return Verdict(Integrity.VALID, "Документ не изменён после подписания.", owner, others, signed_at)


def read_certificate(data: bytes) -> Certificate:
    """Read a certificate, DER or PEM; raises NotUnderstood for anything else."""
    try:
        row = x509.Certificate.load(_binary(data), strict=True)
        subject = _names(row.subject)
        validity = row["tbs_certificate"]["validity"]
        return Certificate(
            der=row.dump(),
            owner=_owner(subject),
            organisation=subject.get("organization_name", ""),
            issuer=_names(row.issuer).get("common_name", ""),
            serial=f"{row.serial_number:X}",
            valid_from=validity["not_before"].native,
            valid_until=validity["not_after"].native,
            numbers={words: subject[oid] for oid, words in NAMES.items() if oid in subject},
        )
    except FAULTS:
        raise NotUnderstood("Файл не читается как сертификат.") from None


def is_issued_by(certificate: bytes, issuer: bytes) -> bool:
    """Say whether `issuer` signed `certificate` (both DER); raises NotUnderstood for what is no ГОСТ."""
    try:
        row = x509.Certificate.load(certificate)
        by = x509.Certificate.load(issuer)
        if row.issuer.dump() != by.subject.dump():
            return False
        name = SIGNED_BY.get(row["signature_algorithm"]["algorithm"].dotted)
        if name is None:
            raise NotUnderstood("Сертификат подписан не по ГОСТ Р 34.10-2012.")
        digest = _digest(name, row["tbs_certificate"].dump())
        return _holds(by, digest, row["signature_value"].native)
    except FAULTS:
        raise NotUnderstood("Сертификат записан с ошибками.") from None


def may_issue(certificate: bytes) -> bool:
    """Say whether a certificate (DER) may sign others."""
    try:
        constraints = x509.Certificate.load(certificate).basic_constraints_value
        return bool(constraints and constraints["ca"].native)
    except FAULTS:
        return False


def _parts(signature: bytes) -> tuple[Any, Any, list[x509.Certificate]]:
    if len(signature) > MAX_BYTES:
        raise NotUnderstood("Файл подписи больше 1 МБ.")
    content = cms.ContentInfo.load(_binary(signature), strict=True)
    if content["content_type"].native != "signed_data":
        raise NotUnderstood("В файле нет электронной подписи.")
    signed = content["content"]
    if signed["encap_content_info"]["content"].native is not None:
        raise NotUnderstood("Подпись присоединённая; нужна отсоединённая, отдельным файлом.")
    signers = list(signed["signer_infos"])
    if len(signers) != 1:
        raise NotUnderstood("В файле должна быть одна подпись; подписи разных людей загрузите по одной.")
    rows = [row.chosen for row in signed["certificates"] if row.name == "certificate"]
    return signed, signers[0], rows


def _binary(data: bytes) -> bytes:
    """DER as it is; PEM and plain base64, as some programs write it, decoded."""
    if pem.detect(data):
        return bytes(pem.unarmor(data)[2])
    if re.fullmatch(rb"[A-Za-z0-9+/=\s]+", data):
        try:
            return b64decode(data, validate=False)
        except binascii.Error:
            raise NotUnderstood("Файл не читается как отсоединённая электронная подпись.") from None
    return data


def _own_certificate(signer: Any, certificates: list[x509.Certificate]) -> x509.Certificate:
    name = signer["sid"]
    for row in certificates:
        if name.name == "issuer_and_serial_number":
            said = name.chosen
            fits = (
                said["serial_number"].native == row.serial_number
                and said["issuer"].dump() == row.issuer.dump()
            )
        else:
            fits = name.chosen.native == row.key_identifier
        if fits:
            return row
    raise NotUnderstood("В файле подписи нет сертификата подписавшего.")


def _fault(document: bytes, signed: Any, signer: Any, certificate: x509.Certificate) -> str:
    """What shows that the document or the signature is not what was signed; an empty string when all is whole."""
    name = HASHES.get(signer["digest_algorithm"]["algorithm"].dotted)
    if name is None or signer["signature_algorithm"]["algorithm"].dotted not in SIGNED_BY:
        raise NotUnderstood("Подпись сделана не по ГОСТ Р 34.10-2012 и 34.11-2012: её портал не проверяет.")
    digest = _digest(name, document)
    attributes = signer["signed_attrs"]
    if attributes.native is not None:
        if _attribute(signer, "message_digest") != digest:
            return "Документ изменён после подписания, или это подпись к другому документу."
        digest = _digest(name, attributes.untag().dump())
    if not _holds(certificate, digest, signer["signature"].native):
        return "Подпись не соответствует сертификату: файл подписи изменён."
    return ""


def _attribute(signer: Any, name: str) -> Any:
    for row in signer["signed_attrs"] if signer["signed_attrs"].native is not None else ():
        if row["type"].native == name:
            return row["values"][0].native
    return None


def _digest(name: str, data: bytes) -> bytes:
    return bytes(gosthash.new(name, data=bytearray(data)).digest())


class _Algorithm(core.Sequence):
    _fields = [("algorithm", core.ObjectIdentifier), ("parameters", core.Any, {"optional": True})]


class _Key(core.Sequence):
    """asn1crypto's own structure of a public key knows no ГОСТ."""

    _fields = [("algorithm", _Algorithm), ("public_key", core.OctetBitString)]


class _Parameters(core.Sequence):
    _fields = [
        ("curve", core.ObjectIdentifier),
        ("digest", core.ObjectIdentifier, {"optional": True}),
        ("cipher", core.ObjectIdentifier, {"optional": True}),
    ]


def _holds(certificate: x509.Certificate, digest: bytes, signature: bytes) -> bool:
    """Check a signature of a digest by the key of a certificate (RFC 9215: numbers are little-endian)."""
    key = _Key.load(certificate["tbs_certificate"]["subject_public_key_info"].dump())
    if KEYS.get(key["algorithm"]["algorithm"].dotted) is None:
        raise NotUnderstood("Ключ сертификата — не ГОСТ Р 34.10-2012: такую подпись портал не проверяет.")
    curve = CURVES.get(key["algorithm"]["parameters"].parse(_Parameters)["curve"].dotted)
    if curve is None:
        raise NotUnderstood("Кривая ключа сертификата порталу не известна.")
    point = core.OctetString.load(key["public_key"].native).native
    half = len(point) // 2
    if len(digest) != half or len(signature) != 2 * half:
        return False
    mode = gostsignature.MODE_512 if half == 64 else gostsignature.MODE_256
    checker = gostsignature.new(mode, gostsignature.CURVES_R_1323565_1_024_2019[curve])
    public = point[:half][::-1] + point[half:][::-1]
    turned = signature[half:] + signature[:half]
    return bool(checker.verify(bytearray(public), bytearray(digest[::-1]), bytearray(turned)))


def _names(name: x509.Name) -> dict[str, str]:
    """The parts of a name by their code names, unknown ones by their number."""
    return {part["type"].native: str(part["value"].native) for group in name.chosen for part in group}


def _owner(subject: dict[str, str]) -> str:
    """The person: surname and given names where the certificate has them, else the common name."""
    person = " ".join(subject[key] for key in ("surname", "given_name") if subject.get(key))
    return person or subject.get("common_name", "")
