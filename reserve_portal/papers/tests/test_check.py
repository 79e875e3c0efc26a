"""A file may be compared with the issued one on the public page; it is kept nowhere (process.md 9)."""

import os
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reserve_portal.accounts.tests.factories import UserFactory
from reserve_portal.papers import hashing, views
from reserve_portal.papers.models import IssuedPaper

from .factories import PaperFactory

pytestmark = pytest.mark.django_db
ISSUED = b"%PDF-1.7 " + b"a page of the paper " * 200_000  # beyond what Django would keep in memory


@pytest.fixture
def paper() -> IssuedPaper:
    return PaperFactory(person=UserFactory(), content=ISSUED)


def send(client: Client, content: bytes, **fields: str) -> str:
    answer = client.post("/papers/check/", {**fields, "file": SimpleUploadedFile("mine.pdf", content)})
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_the_server_tells_the_issued_file_from_an_altered_one(client: Client, paper: IssuedPaper):
    """Without JavaScript: by the code, and by the number together with the file."""
    assert "Файл не изменён" in send(client, ISSUED, code=paper.check_code)
    assert "Файл отличается от выданного" in send(client, ISSUED + b" ", code=paper.check_code)
    assert "Документ выдан этим порталом" in send(client, ISSUED, number=paper.number)
    assert "файл изменён или выдан не здесь" in send(client, ISSUED + b" ", number=paper.number)


def test_a_number_alone_tells_nobody_that_a_paper_exists(client: Client, paper: IssuedPaper):
    """Neither does it together with another paper's file (process.md 9)."""
    assert "Укажите код проверки" in client.post("/papers/check/", {"number": paper.number}).content.decode()
    assert "не выдавал" in send(client, b"%PDF-1.7 another", number=paper.number)


def test_a_file_sent_for_comparison_is_stored_nowhere(
    client: Client, paper: IssuedPaper, tmp_path: Path, settings, monkeypatch
):
    """Not among the portal's files, not in the folder of temporary ones, not in memory either."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    before = {place: files for place, _, files in os.walk(settings.MEDIA_ROOT)}
    opened: list[hashing.HashedFile] = []
    usual = views.CheckForm.clean_file

    def seen(form: views.CheckForm) -> hashing.HashedFile | None:
        opened.append(form.cleaned_data["file"])
        return usual(form)

    monkeypatch.setattr(views.CheckForm, "clean_file", seen)
    send(client, ISSUED, code=paper.check_code)
    assert {place: files for place, _, files in os.walk(settings.MEDIA_ROOT)} == before
    assert not list(tmp_path.iterdir())
    assert opened[0].size == len(ISSUED) and opened[0].file is None


@pytest.mark.parametrize(("size", "refused"), [(1000, False), (1001, True)])
def test_a_file_larger_than_any_paper_is_refused_in_words(
    client: Client, paper: IssuedPaper, monkeypatch, size: int, refused: bool
):
    """The limit itself still passes."""
    monkeypatch.setattr(hashing, "MAX_BYTES", 1000)
    assert ("таких документов портал не выдаёт" in send(client, b"x" * size, code="0" * 16)) is refused


def test_files_come_from_one_address_only_so_often(client: Client, paper: IssuedPaper, monkeypatch):
    """Another address is not held back by it; asking without a file is not counted."""
    monkeypatch.setattr(views, "FILES_A_MINUTE", 2)

    def ask(address: str) -> int:
        file = SimpleUploadedFile("mine.pdf", b"%PDF")
        return client.post(
            "/papers/check/", {"code": "0" * 16, "file": file}, REMOTE_ADDR=address
        ).status_code

    assert [ask("203.0.113.1") for _ in range(3)] == [200, 200, 429]
    assert ask("203.0.113.2") == 200
    assert (
        client.get("/papers/check/", {"code": paper.check_code}, REMOTE_ADDR="203.0.113.1").status_code == 200
    )


def test_asking_without_a_file_leads_to_an_address_that_can_be_kept(client: Client, paper: IssuedPaper):
    """The answer is a page that can be reloaded and sent on."""
    answer = client.post("/papers/check/", {"code": paper.check_code})
    assert answer.status_code == 302 and answer["Location"] == f"/papers/check/?code={paper.check_code}"


def test_a_file_from_another_site_is_refused(paper: IssuedPaper):
    """The token is checked although the handler of the file comes first."""
    answer = Client(enforce_csrf_checks=True).post("/papers/check/", {"code": paper.check_code})
    assert answer.status_code == 403
