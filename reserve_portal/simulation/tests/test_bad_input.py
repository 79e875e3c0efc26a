"""Bad input through the pages: the sentence, its place, and an unchanged database."""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.serializers import serialize
from django.test import Client
from django.urls import reverse

from assessment.models import Procedure
from assessment.tests.factories import (
    make_campaign,
    make_edition,
    make_open_procedure,
    make_person,
    make_track,
    moment,
)
from assessment.tests.test_imports import quiz
from candidates.models import PackageItem
from candidates.tests.applying import INSIDE, draft
from reserve_portal.core import clock
from reserve_portal.core.tests.calendars import load_calendar_quickly

# A session, the trail of reads and the file that waits for confirmation are not what the input would change.
UNTOUCHED = {"sessions.session", "audit.auditevent", "assessment.importdraft"}
AFTER = date(2026, 12, 17)
ROW = ("walker@demo.example", "10", "10", "40")


def fingerprint() -> str:
    """One hash over every row of the portal but those of UNTOUCHED."""
    digest = hashlib.sha256()
    for model in sorted(apps.get_models(), key=lambda one: one._meta.label_lower):
        if model._meta.label_lower not in UNTOUCHED and model._meta.managed:
            rows = json.loads(serialize("json", model._default_manager.order_by("pk")))
            for row in rows:
                row["fields"].pop("last_login", None)
            digest.update(json.dumps([model._meta.label_lower, rows], sort_keys=True).encode())
    return digest.hexdigest()


def upload_to_slot(name: str, data: bytes) -> tuple[Callable[[], str], str]:
    """A candidate chooses a file for a slot of the package; the place is the slot."""
    with clock.travel(INSIDE):
        application = draft()
    application.campaign.edition.parameters.filter(key="max_file_mb").update(value=1)
    item = PackageItem.objects.filter(application=application)[0]
    client = Client()
    client.force_login(application.user)

    def act() -> str:
        with clock.travel(INSIDE):
            url = reverse("candidates:upload", args=[application.pk, item.pk])
            return client.post(url, {"files": SimpleUploadedFile(name, data)}).content.decode()

    return act, rf'id="slot-{item.pk}".*?</section>'


def import_file(name: str, data: bytes) -> tuple[Callable[[], str], str]:
    """The operator gives a file to the import and tries to confirm it; the place is the field, or the file's row."""
    operator = make_person("operator")
    campaign = make_campaign(make_edition())
    make_track(campaign, user=make_person("candidate", email=ROW[0]))
    procedure: Procedure = make_open_procedure(campaign, operator)
    client = Client()
    client.force_login(operator)

    def act() -> str:
        with clock.travel(moment(AFTER)):
            url = reverse("admin:assessment_procedure_import", args=[procedure.pk])
            answer: Any = client.post(url, {"file": SimpleUploadedFile(name, data)})
            if answer.status_code == 200:
                return answer.content.decode()
            client.post(answer.url)
            return client.get(answer.url).content.decode()

    return act, r"<main.*?</main>"


def row_of(number: int) -> str:
    return rf"<tr>(?:(?!</tr>).)*?>\s*{number}\s*<.*?</tr>"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("where", "name", "data", "sentence", "row"),
    [
        (upload_to_slot, "вид.pdf", b"MZ" + b"\0" * 90, "программа", None),
        (upload_to_slot, "пусто.pdf", b"", "пуст", None),
        (upload_to_slot, "большой.pdf", b"%PDF-1.7" + b"\0" * 1024 * 1024, "больше 1 МБ", None),
        (import_file, "вид.csv", b"%PDF-1.7 not a table", "не прочитан", None),
        (import_file, "пусто.csv", b"", "0 байт", None),
        (
            import_file,
            "чужие.csv",
            quiz(ROW, ("stranger@demo.example", "1", "1", "1")),
            "stranger@demo.example",
            3,
        ),
        (import_file, "дважды.csv", quiz(ROW, ROW).replace(b"10:01", b"10:00"), "повторяет", 3),
        (import_file, "много.csv", quiz((*ROW[:3], "60.01")), "больше максимума 60", 2),
        (import_file, "слово.csv", quiz(ROW).replace(b'"40"', "сорок".encode()), "не число", 2),
        (import_file, "кодировка.csv", quiz(ROW, encoding="koi8-r"), "не прочитан", None),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value and "@" not in value else "",
)
def test_bad_input_is_answered_at_its_place_and_changes_nothing(
    where: Callable[[str, bytes], tuple[Callable[[], str], str]],
    name: str,
    data: bytes,
    sentence: str,
    row: int | None,
) -> None:
    """Wrong kind, 0 bytes, over the limit; unknown people, doubled rows, too many points, text, wrong encoding."""
    load_calendar_quickly()
    act, place = where(name, data)
    before = fingerprint()
    page = act()
    spots = re.findall(row_of(row) if row else place, page, re.DOTALL)
    assert any(sentence in spot for spot in spots), page
    assert fingerprint() == before
