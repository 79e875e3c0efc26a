"""Blank forms: the templates of the filled ones without anybody's data; kept in the cache, for anybody may ask."""

from typing import Any

from django.core.cache import cache

from reserve_portal.papers.render import render_pdf
from reserve_portal.regulations.models import ConsentText, Edition

KEPT = 24 * 60 * 60
LINE = "_" * 40
ROOM = "\u00a0"
EDUCATION = {"level_label": ROOM, "institution": "", "speciality": "", "diploma": "", "year": ""}
WORK = {"since": None, "until": None, "organisation": "", "post": ""}


def blank_application(edition: Edition) -> bytes:
    """Return the application form of an edition to be filled by hand (O3.2, T1)."""
    context = {
        "edition": edition,
        "campaign": LINE,
        "data": {
            "person": {"full_name": LINE, "email": ""},
            "profile": dict.fromkeys(
                (
                    "phone",
                    "citizenship_label",
                    "municipality",
                    "organisation_name",
                    "post",
                    "category",
                    "achievements",
                    "no_criminal_record",
                ),
                None,
            ),
            "groups": [],
            "education": [EDUCATION] * 4,
        },
        "nominations": [],
        "birth_date": None,
        "work": [WORK] * 6,
        "given_consents": [],
        "today": None,
        "dash": ROOM,
        "line": LINE,
        "records": f",,{ROOM}",
        "readiness": f",,{ROOM}",
        "blank": True,
    }
    return _kept(f"blank:application:{edition.pk}", "candidates/pdf/application_form.html", context)


def blank_consent(text: ConsentText) -> bytes:
    """Return a consent to be signed by hand: the same text, of the same version."""
    context = {"edition": text.edition, "text": text}
    return _kept(f"blank:consent:{text.pk}:{text.version}", "candidates/pdf/consent_blank.html", context)


def _kept(key: str, template: str, context: dict[str, Any]) -> bytes:
    found = cache.get(key)
    if found is None:
        found = render_pdf(template, context)
        cache.set(key, found, KEPT)
    return bytes(found)
