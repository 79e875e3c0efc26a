"""Files as people have them, sent through the page: each is taken, or refused with a sentence beside its slot."""

import io
import struct
from collections.abc import Callable
from hashlib import sha256

import pikepdf
import pillow_heif
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from candidates.models import PackageFile
from candidates.services import applications as services
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core import clock
from reserve_portal.core.tests.calendars import load_calendar_quickly

from .applying import INSIDE, draft
from .test_uploads import DOCM, content_types, docx_of, pdf_of, root, zip_of

pytestmark = pytest.mark.django_db
EMOJI_NAME = "👩‍🏫" * 77 + "диплом с отличием! 🎓.pdf"


@pytest.fixture(autouse=True)
def inside_the_window(settings, tmp_path):
    settings.MEDIA_ROOT, settings.STATIC_ROOT = tmp_path / "files", tmp_path
    load_calendar_quickly()
    with clock.travel(INSIDE):
        yield


def scan_of(pages: int) -> bytes:
    """What an office scanner makes: a JPEG a page."""
    sheets = [Image.new("RGB", (620, 877), (250, 250, 240 - number)) for number in range(pages)]
    out = io.BytesIO()
    sheets[0].save(out, "PDF", save_all=True, append_images=sheets[1:])
    return out.getvalue()


def script() -> bytes:
    return pdf_of(change=root(OpenAction=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")))


def huge_png() -> bytes:
    out = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(out, "PNG")
    return out.getvalue()


def heic(size: tuple[int, int] = (64, 48)) -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", size, (30, 90, 160))).save(out, quality=80)
    return out.getvalue()


def heic_that_lies() -> bytes:
    """A small picture that says of itself that it is 60,000 points wide and as many high."""
    data = heic()
    place = data.index(b"ispe") + 8
    return data[:place] + struct.pack(">II", 60_000, 60_000) + data[place + 8 :]


TAKEN = {
    "a PDF with a Cyrillic name": ("Справка об отсутствии судимости № 7.pdf", pdf_of, "pdf", 1),
    "a scanned PDF of several pages": ("скан.pdf", lambda: scan_of(7), "pdf", 7),
    "a photo of a telephone": ("IMG_0001.HEIC", heic, "jpeg", 1),
    "a Word document": ("Автобиография.docx", docx_of, "docx", 0),
    "a name of 255 characters with emoji": (EMOJI_NAME, pdf_of, "pdf", 1),
}
REFUSED = {
    "an encrypted PDF": (
        "пароль.pdf",
        lambda: pdf_of(encryption=pikepdf.Encryption(owner="a", user="b")),
        "защищён паролем",
    ),
    "a PDF with a script": ("сценарий.pdf", script, "сценарий JavaScript"),
    "a PNG of 10,000 by 10,000 points": ("карта.png", huge_png, "10000 × 10000 точек"),
    "a HEIC that is a bomb": ("бомба.heic", heic_that_lies, "Файл «бомба.heic»"),
    "a Word document with macros": (
        "макрос.docx",
        lambda: docx_of({"[Content_Types].xml": content_types(main=DOCM)}),
        "макросы",
    ),
    "a ZIP that is called PDF": ("архив.pdf", lambda: zip_of(readme_dot_txt="x"), "архив ZIP"),
}


def send(name: str, make: Callable[[], bytes]) -> tuple[bytes, str]:
    """The bytes sent, and the page that answers."""
    application = draft()
    item = services.slots_of(application)[0]
    client = Client()
    client.force_login(application.user)
    data = make()
    url = reverse("candidates:upload", args=[application.pk, item.pk])
    answer = client.post(url, {"files": [SimpleUploadedFile(name, data)]}, follow=True)
    assert answer.status_code == 200
    text = answer.content.decode()
    slot = text[text.index(f'id="slot-{item.pk}"') :]
    return data, slot[: slot.index("</section>")]


@pytest.mark.parametrize("case", TAKEN)
def test_what_people_have_is_taken(case):
    """O3.2, T1: scans, photos and documents of the usual kinds."""
    name, make, kind, pages = TAKEN[case]
    data, slot = send(name, make)
    file = PackageFile.objects.get()
    assert (file.kind, file.pages) == (kind, pages)
    assert file.original_name in slot and len(file.original_name) <= 150
    with file.file.open("rb") as stored:
        assert sha256(stored.read()).hexdigest() == file.sha256
    # HEIC is stored as JPEG: what was sent can still be proved.
    event = AuditEvent.objects.get(action="candidates.add_file")
    assert event.details["original_sha256"] == sha256(data).hexdigest()
    assert (event.details["original_sha256"] == file.sha256) == (kind in ("pdf", "docx"))


def test_a_long_name_keeps_its_emoji_and_its_ending():
    assert len(EMOJI_NAME) == 255
    send(EMOJI_NAME, pdf_of)
    stored = PackageFile.objects.get().original_name
    assert stored.startswith("👩") and stored.endswith(".pdf")


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_dangerous_or_closed_is_refused_with_a_sentence(case):
    name, make, sentence = REFUSED[case]
    _data, slot = send(name, make)
    assert sentence in slot and f"«{name}»" in slot
    assert not PackageFile.objects.exists()
