"""Uploaded papers: what is accepted, judged by content alone, and the pictures in which they are shown.

``check_upload`` is the only way in, ``preview_page`` the only way a paper appears inside a page. Neither knows a model.
Formats that need a native parser are read by ``upload_inspector`` in a child process with capped memory and time.
"""

import hashlib
import io
import json
import logging
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from candidates import upload_inspector
from candidates.upload_docx import inspect_docx
from candidates.upload_inspector import Refused

logger = logging.getLogger(__name__)

MEGABYTE = 1024 * 1024
ACCEPTED_KINDS = "PDF, JPEG, PNG, HEIC и DOCX"
ACCEPT_ATTRIBUTE = ".pdf,.jpg,.jpeg,.png,.heic,.heif,.docx"
PREVIEW_CONTENT_TYPE = "image/jpeg"

MAX_NAME = 150
MAX_SUFFIX = 10
UNNAMED = "файл"

INSPECTOR = Path(__file__).with_name("upload_inspector.py")
INSPECTOR_SECONDS = 25
PREVIEW_SECONDS = 20
PREVIEW_CPU_SECONDS = 10
PREVIEW_MEMORY = 1536 * MEGABYTE
PREVIEW_WIDTHS = (100, 2400)

CONTENT_TYPES = {
    "pdf": "application/pdf",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
EXTENSIONS = {"pdf": "pdf", "jpeg": "jpg", "png": "png", "docx": "docx"}

HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
PDF_TAIL = 1024

WHAT_IT_IS = {
    "program": "программа",
    "ole": "документ старого вида (DOC, XLS) или документ с паролем",
    "rtf": "документ RTF",
    "archive": "архив",
    "zip": "архив ZIP",
    "odt": "документ LibreOffice (ODT, ODS)",
    "sheet": "электронная таблица",
    "slides": "презентация",
    "word": "документ Word другого вида (например, шаблон)",
    "markup": "веб-страница, рисунок SVG или XML",
    "picture": "картинка другого вида (GIF, BMP, TIFF, WebP или AVIF)",
    "media": "видео- или звукозапись",
    "text": "простой текст",
    "unknown": "файл неизвестного вида",
}
HEADS = (
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"#!", "program"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"{\\rtf", "rtf"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"GIF8", "picture"),
    (b"BM", "picture"),
    (b"II*\0", "picture"),
    (b"MM\0*", "picture"),
    (b"RIFF", "picture"),
    (b"ID3", "media"),
)

WHAT_IS_ACTIVE = {
    "script": "сценарий JavaScript",
    "launch": "команду запуска программы",
    "embedded": "вложенный файл или объект",
    "media": "звук, видео или трёхмерную модель",
    "xfa": "динамическую форму XFA",
    "submit": "отправку или загрузку данных",
    "remote": "обращение к другому файлу или сайту",
    "automatic": "действие, которое начинается само",
    "macro": "макросы",
}


class RejectedUpload(Exception):
    """The file is not accepted; ``message`` is one Russian sentence: what is wrong with which file, and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class PreviewUnavailable(Exception):
    """There is no picture of this page; ``message`` is a Russian sentence for the person who looks at the paper."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class UploadLimits:
    """Borders that still pass: size in bytes, pages of a PDF, points of one picture (width × height)."""

    max_bytes: int = 20 * MEGABYTE
    max_pages: int = 200
    max_pixels: int = 60_000_000


@dataclass(frozen=True)
class AcceptedUpload:
    """A file that passed.

    ``content`` is what must be stored: the bytes as they came for "pdf" and "docx", a clean new picture for "jpeg" and
    "png" (HEIC becomes "jpeg"). ``pages`` is 1 for pictures and 0 for DOCX, whose pages only a word processor knows.
    ``sha256`` is the hexadecimal digest of ``content``, ``original_sha256`` that of the bytes as they came (they differ
    for a picture, which is drawn anew); ``extension`` has no dot and belongs to ``kind``, while
    ``original_name`` is for reading only and may end in anything.
    """

    kind: str
    content: bytes
    original_name: str
    pages: int
    sha256: str
    original_sha256: str
    content_type: str
    extension: str


def check_upload(name: str, data: bytes, limits: UploadLimits) -> AcceptedUpload:
    """Judge an uploaded file by its content; its name and declared type prove nothing.

    ``name`` is the name given by the browser, ``data`` the whole file. Returns what to store. Raises
    ``RejectedUpload``, and nothing else whatever the bytes are. Papers of the package: O3.2, T1.
    """
    shown = clean_name(name)
    if not data:
        raise RejectedUpload(
            f"Файл «{shown}» пустой (0 байт): проверьте, открывается ли он у вас, и загрузите снова."
        )
    if len(data) > limits.max_bytes:
        raise RejectedUpload(_too_large(shown, len(data), limits.max_bytes))
    sniffed = _sniff(data)
    try:
        kind, pages, content = _inspect(sniffed, data, limits)
    except Refused as refusal:
        raise RejectedUpload(_sentence(shown, refusal, limits)) from None
    return AcceptedUpload(
        kind=kind,
        content=content,
        original_name=shown,
        pages=pages,
        sha256=hashlib.sha256(content).hexdigest(),
        original_sha256=hashlib.sha256(data).hexdigest(),
        content_type=CONTENT_TYPES[kind],
        extension=EXTENSIONS[kind],
    )


def _inspect(sniffed: str, data: bytes, limits: UploadLimits) -> tuple[str, int, bytes]:
    """Kind to store, pages and bytes to store; raises ``Refused``."""
    if sniffed == "zip":
        inspect_docx(data)
        return "docx", 0, data
    if sniffed == "pdf":
        if b"%%EOF" not in data[-PDF_TAIL:]:
            raise Refused("damaged")
        answer, _nothing = _ask_inspector("pdf", data, limits)
        return "pdf", answer["pages"], data
    if sniffed in ("jpeg", "png", "heic"):
        answer, content = _ask_inspector(sniffed, data, limits)
        return ("jpeg" if sniffed == "heic" else sniffed), answer["pages"], content
    raise Refused("damaged" if sniffed == "late_pdf" else "kind", what=sniffed)


_own_files: ContextVar[bool] = ContextVar("own_files", default=False)


@contextmanager
def inspecting_own_files() -> Iterator[None]:
    """Within the block the inspector's code runs in this process: for PDFs that the living example made itself.

    The checks are the same, only the child process, which costs a tenth of a second a file, is left out. Raises
    ImproperlyConfigured in production, where files are strangers'.
    """
    if settings.PRODUCTION:
        raise ImproperlyConfigured("In production every upload is inspected by a child process.")
    token = _own_files.set(True)
    try:
        yield
    finally:
        _own_files.reset(token)


def _ask_inspector(kind: str, data: bytes, limits: UploadLimits) -> tuple[dict[str, Any], bytes]:
    """Let a restricted child process read the file; raises ``Refused``, also when the child died of the file."""
    if _own_files.get() and kind == "pdf":
        return _answer_of(*upload_inspector.inspect(kind, data, asdict(limits)))
    command = [sys.executable, "-I", str(INSPECTOR), kind, json.dumps(asdict(limits))]
    # Few memory arenas: each reserves address space, which is what the child's limit counts.
    environment = {"MALLOC_ARENA_MAX": "2", "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=INSPECTOR_SECONDS, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise Refused("complex") from None
    if done.returncode != 0:
        logger.warning("the inspector of uploads ended with code %s", done.returncode)
        raise Refused("complex")
    line, _newline, content = done.stdout.partition(b"\n")
    return _answer_of(json.loads(line), content)


def _answer_of(answer: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    if "refused" in answer:
        raise Refused(answer.pop("refused"), **answer)
    return answer, content


def _sniff(data: bytes) -> str:
    """First glance at the content: a kind worth parsing ("pdf", "jpeg", "png", "heic", "zip") or why it is not one."""
    if data.startswith(b"%PDF-"):
        return "pdf"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data[4:8] == b"ftyp":
        if data[8:12] in HEIF_BRANDS:
            return "heic"
        return "picture" if data[8:12] in (b"avif", b"avis") else "media"
    if data.startswith(b"PK\x03\x04"):
        return "zip"
    for head, what in HEADS:
        if data.startswith(head):
            return what
    if b"%PDF-" in data[:1024]:
        return "late_pdf"
    return _sniff_text(data[:4096])


def _sniff_text(head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(b"<"):
        return "markup"
    if start.startswith((b"pk\x05\x06", b"pk\x07\x08")):
        return "archive"
    control = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head)
    return "unknown" if control else "text"


def clean_name(name: str) -> str:
    """The name as it may be shown: no path, no control or direction characters, at most 150 characters.

    The ending survives the shortening; emoji are kept with the joiner they are built with. Empty becomes «файл».
    """
    parts = [part for part in re.split(r"[/\\]", name[-4096:]) if part.strip(" .")]
    kept = "".join(_clean_character(character) for character in (parts[-1] if parts else ""))
    cleaned = _strip(re.sub(r" +", " ", unicodedata.normalize("NFC", kept)))
    stem, dot, suffix = cleaned.rpartition(".")
    if len(cleaned) > MAX_NAME and dot and 0 < len(suffix) <= MAX_SUFFIX:
        return _strip(stem[: MAX_NAME - len(suffix) - 1]) + "." + suffix
    return _strip(cleaned[:MAX_NAME]) or UNNAMED


def _strip(text: str) -> str:
    return text.strip(" .\u200d")


def _clean_character(character: str) -> str:
    """Nothing for characters that are unseen or turn the text around, a plain space for every kind of space."""
    if character == "\u200d":  # builds emoji out of several
        return character
    category = unicodedata.category(character)
    if category.startswith("Z"):
        return " "
    unseen = category in ("Cc", "Cf", "Cs", "Co") or ord(character) & 0xFFFE == 0xFFFE
    return "" if unseen else character


def _sentence(name: str, refusal: Refused, limits: UploadLimits) -> str:
    """The refusal in words: what is wrong and what to do."""
    details = refusal.details
    if refusal.code == "kind":
        return (
            f"Файл «{name}» не подходит: это {WHAT_IT_IS[details['what']]}, "
            f"а принимаются {ACCEPTED_KINDS}; сохраните документ в одном из этих видов."
        )
    if refusal.code == "active":
        return (
            f"Файл «{name}» содержит {WHAT_IS_ACTIVE[details['what']]}, такие файлы не принимаются: "
            "откройте его, выберите «Печать» → «Сохранить как PDF» и загрузите получившийся файл."
        )
    if refusal.code == "pages":
        return (
            f"В файле «{name}» страниц: {details['pages']}, а можно не больше {limits.max_pages}; "
            "разделите его на несколько файлов."
        )
    if refusal.code == "pixels":
        return (
            f"Картинка в файле «{name}» слишком большая ({details['width']} × {details['height']} точек, "
            f"можно до {_decimal(limits.max_pixels * 10 // 1_000_000)} млн точек): уменьшите её и загрузите снова."
        )
    return {
        "encrypted": f"Файл «{name}» защищён паролем или шифрованием: сохраните его без защиты и загрузите снова.",
        "no_pages": f"В файле «{name}» нет ни одной страницы: проверьте, тот ли это файл, и загрузите снова.",
        "bomb": f"Файл «{name}» при открытии занимает слишком много места: сохраните его заново как обычный PDF.",
        "complex": f"Файл «{name}» слишком сложно устроен для проверки: сохраните его заново как обычный PDF.",
        "damaged": (
            f"Файл «{name}» повреждён или загрузился не целиком: откройте его у себя, сохраните заново "
            "(например, «Печать» → «Сохранить как PDF») и загрузите снова."
        ),
    }[refusal.code]


def _too_large(name: str, size: int, limit: int) -> str:
    """Size rounded up and limit rounded down to a tenth, so that the two never look equal."""
    shown = -(-size * 10 // MEGABYTE)
    return (
        f"Файл «{name}» слишком большой: {_decimal(shown)} МБ, а можно до {_decimal(limit * 10 // MEGABYTE)} МБ; "
        "уменьшите его или разделите на части."
    )


def _decimal(tenths: int) -> str:
    whole, tenth = divmod(tenths, 10)
    return f"{whole},{tenth}" if tenth else str(whole)


def preview_page(kind: str, content: bytes, page: int, width: int = 900) -> bytes:
    """JPEG bytes of one page (from 1) of an accepted file, ``width`` pixels wide, a smaller picture as it is.

    ``kind`` and ``content`` are those of ``AcceptedUpload``; ``width`` is held between 100 and 2400. Raises
    ``PreviewUnavailable`` when there is no such page or no picture can be made: the paper is then only downloaded.
    """
    width = max(PREVIEW_WIDTHS[0], min(width, PREVIEW_WIDTHS[1]))
    if kind == "docx":
        raise PreviewUnavailable("Документ Word здесь не показывается: скачайте его, чтобы прочитать.")
    if kind == "pdf" and page >= 1:
        return _preview_pdf(content, page, width)
    if kind in ("jpeg", "png") and page == 1:
        return _preview_image(kind, content, width)
    raise PreviewUnavailable(f"В этом файле нет страницы {page}.")


def _preview_pdf(content: bytes, page: int, width: int) -> bytes:
    prlimit, pdftoppm = shutil.which("prlimit"), shutil.which("pdftoppm")
    if not prlimit or not pdftoppm:
        logger.error("previews need the programs prlimit (util-linux) and pdftoppm (poppler-utils)")
        raise PreviewUnavailable("Просмотр страниц сейчас не работает: скачайте файл, чтобы прочитать его.")
    limits = [f"--as={PREVIEW_MEMORY}", f"--cpu={PREVIEW_CPU_SECONDS}", "--core=0", "--fsize=0"]
    options = ["-q", "-jpeg", "-cropbox", "-f", str(page), "-l", str(page), "-scale-to-x", str(width)]
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(content)
        file.flush()
        try:
            done = subprocess.run(
                [prlimit, *limits, pdftoppm, *options, "-scale-to-y", "-1", file.name],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=PREVIEW_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise PreviewUnavailable(_no_picture(page)) from None
    if done.returncode != 0 or not _is_picture_of_width(done.stdout, width):
        raise PreviewUnavailable(_no_picture(page))
    return done.stdout


def _is_picture_of_width(content: bytes, width: int) -> bool:
    """pdftoppm answers a page of absurd proportions with one single point and no error."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=["JPEG"]) as image:
            return image.width == width
    except OSError:
        return False


def _preview_image(kind: str, content: bytes, width: int) -> bytes:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=[kind.upper()]) as image:
            height = max(1, round(image.height * width / image.width))
            image.draft("RGB", (width * 2, height * 2))  # lets a JPEG be decoded small
            small = image.convert("RGBA" if image.has_transparency_data else "RGB")
    except (OSError, ValueError, Image.DecompressionBombError):
        raise PreviewUnavailable(_no_picture(1)) from None
    if small.width > width:
        small = small.resize((width, height), Image.Resampling.LANCZOS)
    paper = Image.new("RGB", small.size, "white")
    paper.paste(small, mask=small if small.mode == "RGBA" else None)
    output = io.BytesIO()
    paper.save(output, "JPEG", quality=85)
    return output.getvalue()


def _no_picture(page: int) -> str:
    return f"Страницу {page} показать не удалось: скачайте файл, чтобы прочитать его."
