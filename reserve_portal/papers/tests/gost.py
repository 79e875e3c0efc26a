"""ГОСТ keys, certificates and detached signatures for tests, as a signer's own program would make them."""

from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import cms, core, x509
from gostcrypto import gosthash, gostsignature

from reserve_portal.papers.cms import _Algorithm, _Key, _Parameters

CURVE = gostsignature.CURVES_R_1323565_1_024_2019["id-tc26-gost-3410-2012-256-paramSetB"]
KEY, SIGNED_BY, HASH = "1.2.643.7.1.1.1.1", "1.2.643.7.1.1.3.2", "1.2.643.7.1.1.2.2"


@dataclass(frozen=True)
class Signer:
    """A private key with its certificate (DER)."""

    key: bytes
    name: x509.Name
    der: bytes


def make_signer(
    last: str,
    given: str = "",
    *,
    number: int,
    issuer: Signer | None = None,
    ca: bool = False,
    valid: tuple[datetime, datetime] = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
) -> Signer:
    """A key made of `number` and its certificate, signed by `issuer` or by itself."""
    key = number.to_bytes(32, "big")
    public = bytes(gostsignature.new(gostsignature.MODE_256, CURVE).public_key_generate(bytearray(key)))
    parts = {"common_name": f"{last} {given}".strip()}
    if given:
        parts |= {"surname": last, "given_name": given}
    name = x509.Name.build(parts)
    point = core.OctetString(public[:32][::-1] + public[32:][::-1]).dump()
    parameters = _Parameters({"curve": "1.2.643.2.2.35.1", "digest": HASH})
    spki = _Key({"algorithm": {"algorithm": KEY, "parameters": parameters}, "public_key": point})
    constraints = x509.BasicConstraints({"ca": ca})
    by = issuer.name if issuer else name
    body = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": number,
            "signature": {"algorithm": SIGNED_BY},
            "issuer": by,
            "validity": {
                "not_before": x509.Time({"utc_time": valid[0]}),
                "not_after": x509.Time({"utc_time": valid[1]}),
            },
            "subject": name,
            "extensions": [{"extn_id": "basic_constraints", "critical": True, "extn_value": constraints}],
        }
    )
    tbs = _with_key(body, spki.dump())
    signature = _sign(tbs, issuer.key if issuer else key)
    algorithm = _Algorithm({"algorithm": SIGNED_BY}).dump()
    return Signer(key, name, _sequence(tbs + algorithm + core.OctetBitString(signature).dump()))


def sign_detached(document: bytes, signer: Signer, *, at: datetime, others: tuple[bytes, ...] = ()) -> bytes:
    """A detached CMS signature with signed attributes."""
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["data"]},
            {"type": "signing_time", "values": [cms.Time({"utc_time": at})]},
            {"type": "message_digest", "values": [_digest(document)]},
        ]
    )
    own = x509.Certificate.load(signer.der)
    info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {
                    "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                        {"issuer": own.issuer, "serial_number": own.serial_number}
                    )
                }
            ),
            "digest_algorithm": {"algorithm": HASH},
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": KEY},
            "signature": _sign(attributes.dump(), signer.key),
        }
    )
    certificates = [x509.Certificate.load(der) for der in (signer.der, *others)]
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [{"algorithm": HASH}],
            "encap_content_info": {"content_type": "data"},
            "certificates": certificates,
            "signer_infos": [info],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump())


def _with_key(body: x509.TbsCertificate, spki: bytes) -> bytes:
    """asn1crypto's own structure of a public key knows no ГОСТ: the key is put between its neighbours."""
    fields = ("version", "serial_number", "signature", "issuer", "validity", "subject")
    before = b"".join(body[name].dump() for name in fields)
    return _sequence(before + spki + body["extensions"].dump())


def _sequence(content: bytes) -> bytes:
    return bytes(core.Sequence(contents=content).dump())


def _digest(data: bytes) -> bytes:
    return bytes(gosthash.new("streebog256", data=bytearray(data)).digest())


def _sign(data: bytes, key: bytes) -> bytes:
    """Sign a digest; numbers turned as CMS has them."""
    made = bytes(
        gostsignature.new(gostsignature.MODE_256, CURVE).sign(bytearray(key), bytearray(_digest(data)[::-1]))
    )
    return made[32:] + made[:32]
