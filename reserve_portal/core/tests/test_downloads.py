"""Files leave the portal by one door (quality.md, Security): the right first, always an attachment."""

import ast
from io import BytesIO
from pathlib import Path
from stat import S_IMODE

import pytest
from django.core.files.base import ContentFile
from django.http import Http404

from reserve_portal.core.downloads import generated_file, private_file
from reserve_portal.core.tests.answers import content_of
from reserve_portal.core.tests.sources import source_trees
from reserve_portal.papers.models import IssuedPaper

DOOR = "reserve_portal/core/downloads.py"
PREFIX = "/private-files/"


@pytest.fixture
def stored(db):
    """A paper whose row is not saved and whose file is."""
    paper = IssuedPaper(title="Протокол")
    paper.file.save("протокол 1.pdf", ContentFile(b"%PDF-1.7 words"), save=False)
    yield paper.file
    paper.file.close()
    paper.file.storage.delete(paper.file.name)


def test_without_nginx_the_portal_sends_the_file_itself(stored):
    """Embedded: FileResponse, under a name of our own."""
    answer = private_file(stored, "Протокол 1/К.pdf")
    assert content_of(answer) == b"%PDF-1.7 words"
    assert answer["Content-Type"] == "application/pdf" and answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''") and "/" not in answer[
        "Content-Disposition"
    ].removeprefix("attachment; filename*=utf-8''")


def test_with_nginx_the_answer_names_the_internal_address_and_carries_no_content(stored, settings):
    """X-Accel: no thread of the portal waits for a slow reader."""
    settings.X_ACCEL_PREFIX = PREFIX
    answer = private_file(stored, "Протокол.pdf", "application/pdf")
    assert answer["X-Accel-Redirect"].startswith(f"{PREFIX}papers/") and answer["X-Accel-Redirect"].isascii()
    assert content_of(answer) == b"" and answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "private, no-store")


@pytest.mark.parametrize("prefix", ["", PREFIX])
def test_a_file_that_is_gone_does_not_exist(stored, settings, prefix):
    """Rather a page that says so than a broken answer; the log names the file."""
    settings.X_ACCEL_PREFIX = prefix
    stored.storage.delete(stored.name)
    with pytest.raises(Http404):
        private_file(stored, "a.pdf")


@pytest.mark.parametrize("content", [b"PK words", BytesIO(b"PK words")])
def test_what_is_made_for_a_request_leaves_by_the_same_door(content):
    answer = generated_file(content, "Журнал.xlsx")
    assert content_of(answer) == b"PK words" and answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")


def test_no_other_code_hands_out_files():
    """One helper, so that no download forgets a header or goes past nginx."""
    names = {"FileResponse", "StreamingHttpResponse", "content_disposition_header"}
    found = [
        f"{place}:{node.lineno}"
        for place, tree in source_trees(leave_out={DOOR})
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and node.id in names)
        or (isinstance(node, ast.Constant) and node.value in ("Content-Disposition", "X-Accel-Redirect"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("prefix", "modes"), [("", (0o600, 0o700)), (PREFIX, (0o640, 0o750))], ids=["alone", "nginx"]
)
def test_files_are_the_portals_alone_unless_nginx_reads_them(prefix, modes, tmp_path):
    """Nobody else on the machine reads papers; nginx does as a member of the group, and only reads."""
    from reserve_portal.core.tests.test_settings import PRODUCTION, _python

    script = (
        "import django; django.setup()\n"
        "from django.core.files.base import ContentFile as C\n"
        "from django.core.files.storage import default_storage as s; s.save('a/b/c.pdf', C(b'1'))"
    )
    environment = {**PRODUCTION, "DATA_DIR": str(tmp_path), "X_ACCEL_PREFIX": prefix}
    done = _python(["-c", script], {**environment, "DJANGO_SETTINGS_MODULE": "reserve_portal.settings"})
    assert done.returncode == 0, done.stderr
    file = Path(tmp_path) / "files" / "a" / "b" / "c.pdf"
    assert tuple(S_IMODE(path.stat().st_mode) for path in (file, file.parent)) == modes
