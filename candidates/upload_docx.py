"""Is this ZIP a passive Word document? Read with the standard library alone: nothing of it is ever executed or shown.

Raises ``Refused`` of ``upload_inspector`` with kind, damaged, encrypted, bomb or active.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Callable
from typing import Any

from defusedxml.ElementTree import DefusedXMLParser

from candidates.upload_inspector import Refused

MAX_ENTRIES = 3000
MAX_UNPACKED = 150 * 1024 * 1024
MAX_XML_PART = 48 * 1024 * 1024
MAX_RATIO = 100  # of the whole; text of an honest long table packs 20 to 40 times
RATIO_MATTERS_FROM = 8 * 1024 * 1024

ZIP_ENTRY_MAGIC = b"PK\x01\x02"
ENCRYPTED_FLAGS = 0x1 | 0x40 | 0x2000
CHUNK = 1024 * 1024

MAIN_PART = re.compile(r"word/document\d*\.xml")
MAIN_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
DOCUMENT_TAGS = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}document",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}document",
)

ACTIVE_TYPES = (
    ("macroenabled", "macro"),
    ("vbaproject", "macro"),
    ("vbadata", "macro"),
    ("activex", "embedded"),
    ("oleobject", "embedded"),
    ("x-msdownload", "embedded"),
)
# Last words of relationship types that bring in or start something foreign, inside the file or outside of it.
ACTIVE_RELATIONS = {
    "attachedtemplate": "remote",
    "frame": "remote",
    "subdocument": "remote",
    "afchunk": "embedded",
    "oleobject": "embedded",
    "package": "embedded",
    "control": "embedded",
    "activexcontrolbinary": "embedded",
    "vbaproject": "macro",
    "wordvbadata": "macro",
    "mailmergesource": "remote",
    "mailmergeheadersource": "remote",
}
EXECUTABLE_NAME = re.compile(
    r"\.(bin|exe|dll|com|scr|bat|cmd|ps1|vbs|vbe|js|jse|wsf|hta|lnk|msi|jar|docm|dotm|reg|cpl|html?|mht)$"
)
FOREIGN_MAGIC = (b"MZ", b"\x7fELF", b"\xd0\xcf\x11\xe0", b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf")
DDE_FIELD = re.compile(r"\bDDE(AUTO)?\b", re.IGNORECASE)

OTHER_OFFICE = (("xl/", "sheet"), ("ppt/", "slides"), ("word/", "word"))


def inspect_docx(data: bytes) -> None:
    """Pass a whole Word document without macros, embedded objects and foreign sources, else raise ``Refused``."""
    if data.count(ZIP_ENTRY_MAGIC) > MAX_ENTRIES:  # before the directory is turned into objects
        raise Refused("bomb")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_entries(archive.infolist(), len(data))
            _check_contents(archive)
            _check_main_part(archive)
            _check_parts(archive)
    except Refused:
        raise
    except MemoryError:
        raise Refused("bomb") from None
    except Exception:  # zipfile, zlib and expat raise a dozen unrelated classes on hostile bytes
        raise Refused("damaged") from None


def _check_entries(entries: list[zipfile.ZipInfo], packed: int) -> None:
    """What the directory alone tells: names, encryption, promised sizes."""
    names = [entry.filename.casefold() for entry in entries]
    if any(entry.flag_bits & ENCRYPTED_FLAGS for entry in entries):
        raise Refused("encrypted")
    if not entries or len(set(names)) != len(names) or min(entry.header_offset for entry in entries) != 0:
        raise Refused("damaged")
    if any(_leaves_the_archive(entry.orig_filename) for entry in entries):
        raise Refused("damaged")
    if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
        raise Refused("damaged")
    total = sum(entry.file_size for entry in entries)
    if total > MAX_UNPACKED or (total > RATIO_MATTERS_FROM and total > MAX_RATIO * packed):
        raise Refused("bomb")


def _leaves_the_archive(name: str) -> bool:
    return (
        name.startswith("/")
        or "\\" in name
        or "\0" in name
        or re.match(r"[A-Za-z]:", name) is not None
        or ".." in name.split("/")
    )


def _check_contents(archive: zipfile.ZipFile) -> None:
    """Unpack every entry once, which proves its size and checksum, and look at its name and first bytes."""
    for entry in archive.infolist():
        name = entry.filename.casefold()
        if "vbaproject" in name or "vbadata" in name:
            raise Refused("active", what="macro")
        if "/embeddings/" in name or "/activex/" in name or EXECUTABLE_NAME.search(name):
            raise Refused("active", what="embedded")
        with archive.open(entry) as part:
            head = part.read(8)
            if head.startswith(FOREIGN_MAGIC):
                raise Refused("active", what="embedded")
            while part.read(CHUNK):
                pass


def _check_main_part(archive: zipfile.ZipFile) -> None:
    """A Word document is what its table of content types and the root of its main part say, not its name."""
    names = set(archive.namelist())
    if "[Content_Types].xml" not in names:
        raise Refused("kind", what="odt" if "mimetype" in names and "content.xml" in names else "zip")
    types: dict[str, str] = {}

    def remember(tag: str, attributes: dict[str, str]) -> None:
        types[attributes.get("PartName") or "*." + attributes.get("Extension", "")] = attributes.get(
            "ContentType", ""
        )

    _parse(archive, "[Content_Types].xml", remember)
    for content_type in types.values():
        for word, what in ACTIVE_TYPES:
            if word in content_type.casefold():
                raise Refused("active", what=what)
    main = [part.lstrip("/") for part, content_type in types.items() if content_type == MAIN_TYPE]
    if len(main) != 1 or not MAIN_PART.fullmatch(main[0]) or main[0] not in names:
        raise Refused("kind", what=_office_kind(names))
    roots: list[str] = []
    _parse(archive, main[0], lambda tag, attributes: None if roots else roots.append(tag))
    if roots[0] not in DOCUMENT_TAGS:
        raise Refused("damaged")


def _office_kind(names: set[str]) -> str:
    for folder, what in OTHER_OFFICE:
        if any(name.startswith(folder) for name in names):
            return what
    return "zip"


def _check_parts(archive: zipfile.ZipFile) -> None:
    for name in archive.namelist():
        if name.casefold().endswith(".rels"):
            _parse(archive, name, _check_relation)
        elif posixpath.dirname(name) == "word" and name.casefold().endswith(".xml"):
            _check_fields(archive, name)


def _check_relation(tag: str, attributes: dict[str, str]) -> None:
    """Links that a person clicks may lead outside; nothing else may, for it would be fetched unasked."""
    if not tag.endswith("}Relationship"):
        return
    kind = attributes.get("Type", "").rstrip("/").rpartition("/")[2].casefold()
    if kind in ACTIVE_RELATIONS:
        raise Refused("active", what=ACTIVE_RELATIONS[kind])
    target = attributes.get("Target", "")
    outside = (
        attributes.get("TargetMode", "").casefold() == "external"
        or "://" in target
        or target.startswith("\\\\")
    )
    if outside and kind != "hyperlink":
        raise Refused("active", what="remote")


def _check_fields(archive: zipfile.ZipFile, name: str) -> None:
    """A DDE field starts a program when the document is opened; its code may be cut into many runs."""
    collected: list[str] = []

    def simple_field(tag: str, attributes: dict[str, str]) -> None:
        if tag.endswith("}fldSimple"):
            collected.extend(f" {value} " for value in attributes.values())

    _parse(archive, name, simple_field, collected.append)
    if DDE_FIELD.search("".join(collected)):
        raise Refused("active", what="launch")


class _Target:
    """Receives what the XML parser meets without building a tree."""

    def __init__(
        self, on_start: Callable[[str, dict[str, str]], None], on_field_code: Callable[[str], None] | None
    ):
        self.on_start = on_start
        self.on_field_code = on_field_code
        self.in_field_code = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.on_start(tag, attributes)
        if tag.endswith("}instrText"):
            self.in_field_code = True

    def end(self, tag: str) -> None:
        if tag.endswith("}instrText"):
            self.in_field_code = False
        elif self.on_field_code is not None and tag.endswith("}p"):
            self.on_field_code(" ")

    def data(self, text: str) -> None:
        if self.in_field_code and self.on_field_code is not None:
            self.on_field_code(text)

    def close(self) -> None:
        return None


def _parse(
    archive: zipfile.ZipFile,
    name: str,
    on_start: Callable[[str, dict[str, str]], Any],
    on_field_code: Callable[[str], None] | None = None,
) -> None:
    """Stream one XML part through the two callbacks; document types and entities are refused by the parser."""
    if archive.getinfo(name).file_size > MAX_XML_PART:
        raise Refused("bomb")
    parser = DefusedXMLParser(target=_Target(on_start, on_field_code), forbid_dtd=True)
    with archive.open(name) as part:
        while chunk := part.read(CHUNK):
            parser.feed(chunk)
    parser.close()
