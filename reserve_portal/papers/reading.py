"""What a finished PDF offers to who cannot see it (domain/accessibility.md). No claim of conformance."""

from io import BytesIO
from typing import Any

import pikepdf

UNTAGGED = "нет структуры"


def faults_of(pdf: bytes) -> list[str]:
    """What a reader of the screen would miss in a paper, in words; an empty list where nothing is missing."""
    try:
        opened = pikepdf.open(BytesIO(pdf))
    except pikepdf.PdfError:
        return ["файл не читается"]
    with opened as document:
        root: Any = document.Root
        declared = str(document.open_metadata(update_docinfo=False).get("pdfuaid:part", ""))
        found = {
            "нет языка": str(root.get("/Lang", "")) == "ru",
            "нет заголовка": bool(str(document.docinfo.get("/Title", "")).strip(" №")),
            "заголовок не показан": _has(root, "/ViewerPreferences", "/DisplayDocTitle"),
            UNTAGGED: _is_tagged(root) and declared == "1",
            "шрифт не вложен": all(_embedded(font) for page in document.pages for font in _fonts(page)),
        }
    return [fault for fault, is_there in found.items() if not is_there]


def _is_tagged(root: Any) -> bool:
    return _has(root, "/MarkInfo", "/Marked") and "/StructTreeRoot" in root and "/K" in root.StructTreeRoot


def _has(root: Any, part: str, key: str) -> bool:
    return part in root and key in root[part] and bool(root[part][key])


def _fonts(page: Any) -> list[Any]:
    resources: Any = page.obj.get("/Resources")
    return [*resources.Font.values()] if resources is not None and "/Font" in resources else []


def _embedded(font: Any) -> bool:
    descendant = font.DescendantFonts[0] if "/DescendantFonts" in font else font
    descriptor = descendant.FontDescriptor
    return any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3"))
