"""What is accepted as a paper of the package, what is refused with which sentence, and the pictures of pages."""

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Callable

import pikepdf
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from candidates import uploads
from candidates.uploads import (
    AcceptedUpload,
    PreviewUnavailable,
    RejectedUpload,
    UploadLimits,
    check_upload,
    clean_name,
    preview_page,
)

LIMITS = UploadLimits()
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
MAIN_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


# --- files made for the tests


def pdf_of(pages: int = 1, change: Callable[[pikepdf.Pdf], None] | None = None, **save: object) -> bytes:
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page(page_size=(595, 842))
    if change is not None:
        change(pdf)
    output = io.BytesIO()
    pdf.save(output, **save)
    return output.getvalue()


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 20), mode: str = "RGB", **save: object) -> bytes:
    image = Image.new(mode, size, 0 if mode in ("1", "L", "I;16") else None)
    if mode == "RGB":
        image.paste((200, 30, 30), (0, 0, size[0] // 2, size[1]))
    output = io.BytesIO()
    image.save(output, kind, **save)
    return output.getvalue()


def content_types(main: str = MAIN_TYPE, part: str = "word/document.xml", more: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{more}'
        f'<Override PartName="/{part}" ContentType="{main}"/></Types>'
    )


def relations(*rows: tuple[str, str, bool]) -> str:
    inner = "".join(
        f'<Relationship Id="r{number}" Type="{RELATION}{kind}" Target="{target}"'
        + (' TargetMode="External"/>' if external else "/>")
        for number, (kind, target, external) in enumerate(rows)
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'


def body(inner: str = "<w:p><w:r><w:t>Автобиография</w:t></w:r></w:p>") -> str:
    return f'<w:document xmlns:w="{W}"><w:body>{inner}</w:body></w:document>'


def docx_of(changes: dict[str, str | bytes | None] | None = None) -> bytes:
    parts: dict[str, str | bytes | None] = {
        "[Content_Types].xml": content_types(),
        "_rels/.rels": relations(("officeDocument", "word/document.xml", False)),
        "word/document.xml": body(),
        "word/_rels/document.xml.rels": relations(("hyperlink", "https://example.org/", True)),
    }
    parts.update(changes or {})
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            if content is not None:
                archive.writestr(name, content)
    return output.getvalue()


def zip_of(**parts: str) -> bytes:
    return docx_of(
        {
            "[Content_Types].xml": None,
            "_rels/.rels": None,
            "word/document.xml": None,
            "word/_rels/document.xml.rels": None,
            **{name.replace("__", "/").replace("_dot_", "."): content for name, content in parts.items()},
        }
    )


def accepted(data: bytes, name: str = "Паспорт.pdf", limits: UploadLimits = LIMITS) -> AcceptedUpload:
    return check_upload(name, data, limits)


def refusal(data: bytes, name: str = "Паспорт.pdf", limits: UploadLimits = LIMITS) -> str:
    """The sentence; every one names the file, says what is wrong and what to do."""
    with pytest.raises(RejectedUpload) as caught:
        check_upload(name, data, limits)
    message = caught.value.message
    assert f"«{clean_name(name)}»" in message
    assert message.endswith(".") and re.search(r"[:;] ?\w", message.partition("»")[2])
    assert str(caught.value) == message
    return message


# --- kinds by content


@pytest.mark.parametrize("name", ["скан.pdf", "скан.exe", "скан", "скан.docx", "скан.html"])
def test_kind_is_decided_by_content_never_by_the_name(name):
    """O3.2: the papers of the package; a PDF stays as it came whatever it is called."""
    data = pdf_of(3)
    upload = accepted(data, name)
    assert (upload.kind, upload.pages, upload.content_type, upload.extension) == (
        "pdf",
        3,
        "application/pdf",
        "pdf",
    )
    assert upload.content == data
    assert upload.sha256 == hashlib.sha256(data).hexdigest()
    assert upload.original_name == name


def test_docx_is_kept_as_it_came():
    data = docx_of()
    upload = accepted(data, "Анкета.docx")
    assert (upload.kind, upload.pages, upload.extension, upload.content) == ("docx", 0, "docx", data)
    assert upload.content_type.endswith("wordprocessingml.document")


@pytest.mark.parametrize(
    "name, data, what",
    [
        ("Паспорт.pdf", zip_of(readme_dot_txt="привет"), "архив ZIP"),
        ("Паспорт.pdf", b"MZ\x90\0" + b"\0" * 200, "программа"),
        ("Паспорт.pdf", b"\x7fELF" + b"\0" * 200, "программа"),
        ("скан.png", b"#!/bin/sh\nrm -rf ~\n", "программа"),
        ("скан.jpg", b"<!DOCTYPE html><script>alert(1)</script>", "веб-страница"),
        ("скан.png", b"\xef\xbb\xbf  <svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        ("скан.pdf", "Прошу включить меня в резерв".encode(), "простой текст"),
        ("скан.pdf", "Прошу включить меня в резерв".encode("cp1251"), "простой текст"),
        ("резюме.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "DOC"),
        ("резюме.docx", b"{\\rtf1\\ansi Hello}", "RTF"),
        ("скан.jpg", picture("GIF"), "GIF"),
        ("скан.jpg", picture("BMP"), "BMP"),
        ("скан.jpg", picture("TIFF"), "TIFF"),
        ("скан.jpg", picture("WEBP"), "WebP"),
        ("скан.heic", b"\0\0\0\x1cftypavif" + b"\0" * 60, "AVIF"),
        ("скан.heic", b"\0\0\0\x1cftypisom" + b"\0" * 60, "видео"),
        ("папка.pdf", b"Rar!\x1a\x07\x01\0" + b"\0" * 60, "архив"),
        ("папка.docx", b"PK\x05\x06" + b"\0" * 18, "архив"),
        ("ведомость.docx", zip_of(mimetype="application/x-odt", content_dot_xml="<a/>"), "ODT"),
        ("шум.pdf", b"\x01\x02\x03\x04" * 50, "неизвестного вида"),
    ],
)
def test_wrong_kind_is_named_together_with_the_accepted_kinds(name, data, what):
    message = refusal(data, name)
    assert what in message
    assert all(kind in message for kind in ("PDF", "JPEG", "PNG", "HEIC", "DOCX"))


# --- size


def test_file_without_a_byte_is_refused():
    assert "0 байт" in refusal(b"")


def test_size_exactly_at_the_limit_passes_and_one_byte_more_does_not():
    data = pdf_of()
    assert accepted(data, limits=UploadLimits(max_bytes=len(data))).pages == 1
    refusal(data, limits=UploadLimits(max_bytes=len(data) - 1))


@pytest.mark.parametrize(
    "size, limit, shown",
    [
        (20 * 1024 * 1024 + 1, 20 * 1024 * 1024, "20,1 МБ, а можно до 20 МБ"),
        (3 * 1024 * 1024, 5 * 1024 * 1024 // 2, "3 МБ, а можно до 2,5 МБ"),
    ],
)
def test_sentence_about_size_has_megabytes_with_a_russian_comma(size, limit, shown):
    assert shown in refusal(bytes(size), limits=UploadLimits(max_bytes=limit))


# --- PDF: shape


@pytest.mark.parametrize("mode", list(pikepdf.ObjectStreamMode))
def test_every_layout_of_a_sound_pdf_passes(mode):
    assert accepted(pdf_of(2, object_stream_mode=mode, linearize=mode.name == "generate")).pages == 2


def test_pages_exactly_at_the_limit_pass_and_one_more_does_not():
    limits = UploadLimits(max_pages=3)
    assert accepted(pdf_of(3), limits=limits).pages == 3
    message = refusal(pdf_of(4), limits=limits)
    assert "страниц: 4" in message and "не больше 3" in message


def test_pdf_without_pages_is_refused():
    assert "ни одной страницы" in refusal(pdf_of(0))


def test_pdf_must_begin_at_the_first_byte_and_end_with_its_mark():
    """Pitfall 9: readers forgive what stands around a PDF, and see another file in it."""
    data = pdf_of()
    assert accepted(data + b"\n\0\r\n").pages == 1
    for broken in (b"GARBAGE\n" + data, data[:-40], data.replace(b"%%EOF", b"%%EOS"), data + b"\n" * 2000):
        assert "повреждён" in refusal(broken)


@pytest.mark.parametrize("cut", [b"xref", b"startxref", b"trailer", b"endobj"])
def test_pdf_that_a_reader_would_have_to_repair_is_refused(cut):
    data = pdf_of(object_stream_mode=pikepdf.ObjectStreamMode.disable)
    assert cut in data
    assert "повреждён" in refusal(data.replace(cut, b"x" * len(cut)))


@pytest.mark.parametrize("user", ["", "секрет"])
def test_protected_pdf_is_refused_even_when_it_opens_without_a_password(user):
    data = pdf_of(encryption=pikepdf.Encryption(owner="владелец", user=user))
    assert "паролем" in refusal(data)


# --- PDF: active content


def root(**entries: object) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        for key, value in entries.items():
            pdf.Root["/" + key] = pikepdf.Object.parse(value) if isinstance(value, bytes) else value

    return change


def annotation(text: bytes) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        note = pdf.make_indirect(pikepdf.Object.parse(text))
        pdf.pages[0].obj["/Annots"] = pikepdf.Array([note])

    return change


def stream(text: bytes, **entries: object) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.Root["/Extra"] = pdf.make_stream(text, **entries)

    return change


def attach(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["a.exe"] = b"MZ"


@pytest.mark.parametrize(
    "change, what",
    [
        (root(OpenAction=b"<</S/JavaScript/JS(app.alert\\(1\\))>>"), "JavaScript"),
        (root(Names=b"<</JavaScript<</Names[(a)<</S/JavaScript>>]>>>>"), "JavaScript"),
        (root(OpenAction=b"<</#53/J#61vaScript>>"), "JavaScript"),
        (annotation(b"<</Type/Annot/Subtype/Link/A<</S/Java#53cript>>>>"), "JavaScript"),
        (
            annotation(b"<</Type/Annot/Subtype/Link/A<</S/URI/URI(http://a)/Next[<</S/Launch>>]>>>>"),
            "запуска программы",
        ),
        (annotation(b"<</Type/Annot/Subtype/Link/A<</S/GoToR/F(b.pdf)>>>>"), "другому файлу"),
        (annotation(b"<</Type/Annot/Subtype/Link/A<</S/GoToE>>>>"), "другому файлу"),
        (annotation(b"<</Type/Annot/Subtype/Link/A<</S/SubmitForm/F(http://a)>>>>"), "отправку"),
        (annotation(b"<</Type/Annot/Subtype/Link/A<</S/ImportData/F(a.fdf)>>>>"), "отправку"),
        (annotation(b"<</Type/Annot/Subtype/RichMedia>>"), "звук"),
        (annotation(b"<</Type/Annot/Subtype/Movie>>"), "звук"),
        (annotation(b"<</Type/Annot/Subtype/FileAttachment>>"), "вложенный файл"),
        (annotation(b"<</Type/Annot/Subtype/Link/AA<</K<</S/GoTo/D[0/Fit]>>>>>>"), "начинается само"),
        (root(AA=b"<</WC<</S/GoTo>>>>"), "начинается само"),
        (root(AcroForm=b"<</Fields[]/XFA[(a)(b)]>>"), "XFA"),
        (root(Names=b"<</EmbeddedFiles<</Names[]>>>>"), "вложенный файл"),
        (root(OpenAction=b"<</S/URI/URI(http://a)>>"), "начинается само"),
        (root(OpenAction=b"<</S/Named/N/Print>>"), "начинается само"),
        (root(OpenAction=b"<</S/GoTo/D[0/Fit]/Next<</S/URI/URI(http://a)>>>>"), "начинается само"),
        (root(Deep=b"[[[<</A[<</B<</C<</JS(x)>>>>>>]>>]]]"), "JavaScript"),
        (stream(b"", F=pikepdf.String("http://a/b")), "другому файлу"),
        (stream(b"", Type=pikepdf.Name.EmbeddedFile), "вложенный файл"),
        (attach, "вложенный файл"),
    ],
)
def test_active_pdf_is_refused_with_what_it_contains(change, what):
    """Pitfall 9: only a walk over all objects finds active content."""
    message = refusal(pdf_of(1, change))
    assert what in message and "Сохранить как PDF" in message


def test_active_object_to_which_nothing_refers_is_found():
    data = pdf_of(object_stream_mode=pikepdf.ObjectStreamMode.disable)
    offset = data.index(b"xref\n")
    hidden = b"9 0 obj\n<</S/Launch/F(cmd.exe)>>\nendobj\n"
    table = b"xref\n9 1\n%010d 00000 n \ntrailer\n<</Size 10/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    start = len(data)
    data += hidden + table % (start, offset, start + len(hidden))
    assert "запуска программы" in refusal(data)


@pytest.mark.parametrize(
    "change",
    [
        root(OpenAction=b"[0/Fit]"),
        root(OpenAction=b"<</S/GoTo/D[0/XYZ 0 0 null]>>"),
        root(OpenAction=b"(chapter1)"),
        root(AcroForm=b"<</Fields[]/NeedAppearances true>>"),
        root(PageMode=b"/UseOutlines"),
        annotation(b"<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://example.org)>>>>"),
        annotation(b"<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/GoTo/D[0/Fit]>>>>"),
        stream(b"/JS /Launch is a text here"),
    ],
)
def test_harmless_pdf_with_destinations_links_and_forms_passes(change):
    """Pitfall 9: refusing every /OpenAction would turn away a third of harmless files."""
    assert accepted(pdf_of(1, change)).kind == "pdf"


# --- PDF: bombs


def flate(raw: bytes, filters: str = "/FlateDecode", **entries: object) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        bomb = pikepdf.Stream(pdf, raw)
        bomb["/Filter"] = pikepdf.Object.parse(filters.encode())
        for key, value in entries.items():
            bomb["/" + key] = value
        pdf.Root["/Extra"] = pdf.make_indirect(bomb)

    return change


KEEP = {"compress_streams": False, "stream_decode_level": pikepdf.StreamDecodeLevel.none}


def test_stream_that_unpacks_without_end_is_refused():
    zeros = zlib.compress(bytes(70 * 1024 * 1024), 6)
    assert len(zeros) < 100_000
    data = pdf_of(1, flate(zlib.compress(zeros), "[/FlateDecode/FlateDecode]"), **KEEP)
    assert len(data) < 3000
    assert "слишком много места" in refusal(data)
    assert accepted(pdf_of(1, flate(zlib.compress(bytes(8 * 1024 * 1024))), **KEEP)).pages == 1


def test_many_large_streams_are_refused_by_their_total():
    def change(pdf: pikepdf.Pdf) -> None:
        packed = zlib.compress(bytes(60 * 1024 * 1024), 6)
        streams = []
        for _ in range(5):
            large = pikepdf.Stream(pdf, packed)
            large["/Filter"] = pikepdf.Name.FlateDecode
            streams.append(pdf.make_indirect(large))
        pdf.Root["/Extra"] = pikepdf.Array(streams)

    assert "слишком много места" in refusal(pdf_of(1, change, **KEEP))


@pytest.mark.parametrize(
    "width, bits, passes", [(1000, 8, True), (1001, 8, False), (8000, 1, True), (8001, 1, False)]
)
def test_picture_in_a_pdf_is_judged_by_its_declared_points(width, bits, passes):
    change = stream(
        b"",
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=width,
        Height=1000,
        BitsPerComponent=bits,
    )
    limits = UploadLimits(max_pixels=1_000_000)
    if passes:
        assert accepted(pdf_of(1, change), limits=limits).pages == 1
    else:
        assert f"{width} × 1000" in refusal(pdf_of(1, change), limits=limits)


def test_file_that_kills_its_inspector_is_refused_and_the_server_lives(monkeypatch, tmp_path):
    """A crash or an endless loop of a parser ends one child process only."""
    for program in ("import os; os.abort()", "import time; time.sleep(60)", "import sys; sys.exit(1)"):
        path = tmp_path / "inspector.py"
        path.write_text(program)
        monkeypatch.setattr(uploads, "INSPECTOR", path)
        monkeypatch.setattr(uploads, "INSPECTOR_SECONDS", 0.5)
        assert "слишком сложно" in refusal(pdf_of())


# --- pictures


def exif_of(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "SECRET-DESCRIPTION"
    return exif


def test_jpeg_becomes_a_new_picture_without_notes_and_comments():
    """Pitfall 10: Pillow's save keeps comments; the pixels go to a new canvas."""
    data = (
        picture("JPEG", exif=exif_of(1), comment=b"<?php system(1); ?>", dpi=(300, 300))
        + b"<script>TAIL</script>"
    )
    assert b"<?php" in data and b"SECRET" in data
    upload = accepted(data, "фото.jpeg")
    assert (upload.kind, upload.pages, upload.content_type, upload.extension) == (
        "jpeg",
        1,
        "image/jpeg",
        "jpg",
    )
    assert upload.sha256 == hashlib.sha256(upload.content).hexdigest() != hashlib.sha256(data).hexdigest()
    assert not any(word in upload.content for word in (b"<?php", b"SECRET", b"TAIL", b"Exif"))
    assert Image.open(io.BytesIO(upload.content)).size == (40, 20)


def test_png_becomes_a_new_picture_without_texts_and_keeps_its_transparency():
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "<?php system(1); ?>")
    data = picture("PNG", mode="RGBA", pnginfo=notes) + b"TAIL"
    upload = accepted(data, "скан.png")
    image = Image.open(io.BytesIO(upload.content))
    assert (upload.kind, upload.extension, upload.content_type) == ("png", "png", "image/png")
    assert (image.mode, image.size, image.info) == ("RGBA", (40, 20), {})
    assert b"<?php" not in upload.content and b"TAIL" not in upload.content


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turn_noted_by_the_camera_is_applied_before_the_note_is_dropped(orientation):
    source = Image.new("RGB", (48, 32), "white")
    source.paste((255, 0, 0), (0, 0, 24, 16))
    output = io.BytesIO()
    source.save(output, "PNG", exif=exif_of(orientation))
    image = Image.open(io.BytesIO(accepted(output.getvalue(), "скан.png").content))
    size, corner = {
        1: ((48, 32), (0, 0)),
        2: ((48, 32), (1, 0)),
        3: ((48, 32), (1, 1)),
        4: ((48, 32), (0, 1)),
        5: ((32, 48), (0, 0)),
        6: ((32, 48), (1, 0)),
        7: ((32, 48), (1, 1)),
        8: ((32, 48), (0, 1)),
    }[orientation]
    assert image.size == size
    red = (corner[0] * (size[0] - 1), corner[1] * (size[1] - 1))
    assert image.getpixel(red) == (255, 0, 0)
    assert image.getpixel((size[0] - 1 - red[0], size[1] - 1 - red[1])) == (255, 255, 255)


@pytest.mark.parametrize(
    "kind, mode", [("PNG", "1"), ("PNG", "P"), ("PNG", "L"), ("PNG", "LA"), ("JPEG", "L"), ("JPEG", "CMYK")]
)
def test_every_usual_way_of_storing_points_passes(kind, mode):
    upload = accepted(picture(kind, mode=mode), "скан")
    assert Image.open(io.BytesIO(upload.content)).size == (40, 20)


def test_sixteen_bit_scan_keeps_its_shades():
    image = Image.new("I;16", (2, 1))
    image.putpixel((0, 0), 65535)
    image.putpixel((1, 0), 32768)
    output = io.BytesIO()
    image.save(output, "PNG")
    result = Image.open(io.BytesIO(accepted(output.getvalue(), "скан.png").content))
    assert [result.getpixel((x, 0)) for x in (0, 1)] == [255, 128]


def test_heic_of_a_phone_becomes_jpeg():
    output = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 48), (10, 120, 10))).save(output, exif=exif_of(1).tobytes())
    upload = accepted(output.getvalue(), "IMG_0001.HEIC")
    image = Image.open(io.BytesIO(upload.content))
    assert (upload.kind, upload.extension, upload.content_type) == ("jpeg", "jpg", "image/jpeg")
    assert (upload.original_name, image.format, image.size) == ("IMG_0001.HEIC", "JPEG", (64, 48))
    assert b"SECRET" not in upload.content
    assert "повреждён" in refusal(output.getvalue()[:-30], "IMG_0001.HEIC")


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_points_exactly_at_the_limit_pass_and_one_column_more_does_not(kind):
    limits = UploadLimits(max_pixels=40 * 20)
    assert accepted(picture(kind), limits=limits).pages == 1
    assert "41 × 20" in refusal(picture(kind, size=(41, 20)), "скан.png", limits)


def test_picture_with_huge_declared_size_is_refused_before_it_is_decoded():
    data = bytearray(picture("PNG"))
    data[16:24] = (50_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    message = refusal(bytes(data), "скан.png")
    assert "50000 × 50000" in message and "до 60 млн точек" in message


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("cut", [1, 0.5])
def test_truncated_picture_is_refused(kind, cut):
    data = picture(kind, size=(200, 200))
    assert "повреждён" in refusal(data[: int(len(data) * cut) - 2], "скан.png")


def test_picture_that_grows_in_its_new_encoding_still_fits_the_limit():
    noise = Image.effect_noise((400, 400), 90)
    output = io.BytesIO()
    noise.save(output, "JPEG", quality=70)
    limits = UploadLimits(max_bytes=len(output.getvalue()))
    assert len(accepted(output.getvalue(), "скан.jpg", limits).content) <= limits.max_bytes


# --- DOCX


def test_docx_whose_main_part_has_a_number_passes():
    changes = {
        "[Content_Types].xml": content_types(part="word/document2.xml"),
        "word/document.xml": None,
        "word/document2.xml": body(),
        "word/media/image1.png": picture("PNG"),
        "docProps/app.xml": "<Properties/>",
    }
    assert accepted(docx_of(changes), "Анкета.docx").kind == "docx"


DOT = "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
DOCM = "application/vnd.ms-word.document.macroEnabled.main+xml"


@pytest.mark.parametrize(
    "changes, what",
    [
        ({"[Content_Types].xml": content_types(main=DOT)}, "шаблон"),
        (
            {"[Content_Types].xml": content_types(main=XLSX, part="xl/a.xml"), "xl/a.xml": "<a/>"},
            "электронная таблица",
        ),
        ({"[Content_Types].xml": content_types(main="application/xml")}, "другого вида"),
        ({"[Content_Types].xml": content_types(), "word/document.xml": None}, "другого вида"),
        ({"[Content_Types].xml": None}, "архив ZIP"),
        ({"[Content_Types].xml": content_types(main=DOCM)}, "макросы"),
        ({"word/vbaProject.bin": b"x"}, "макросы"),
        (
            {
                "[Content_Types].xml": content_types(
                    more='<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
                )
            },
            "макросы",
        ),
        ({"word/embeddings/oleObject1.bin": b"x"}, "вложенный файл"),
        ({"word/embeddings/Microsoft_Excel_Sheet.xlsx": b"x"}, "вложенный файл"),
        ({"word/activeX/activeX1.xml": "<a/>"}, "вложенный файл"),
        ({"word/media/image1.exe": b"x"}, "вложенный файл"),
        ({"word/media/image1.png": b"MZ\x90"}, "вложенный файл"),
        ({"word/media/image1.png": b"\xd0\xcf\x11\xe0"}, "вложенный файл"),
        ({"word/media/image1.png": b"PK\x03\x04"}, "вложенный файл"),
        ({"word/_rels/settings.xml.rels": relations(("attachedTemplate", "http://a/b.dotm", True))}, "сайту"),
        ({"word/_rels/settings.xml.rels": relations(("attachedTemplate", "b.dotx", False))}, "сайту"),
        ({"word/_rels/document.xml.rels": relations(("oleObject", "http://a/b", True))}, "вложенный файл"),
        ({"word/_rels/document.xml.rels": relations(("frame", "http://a/b", True))}, "сайту"),
        ({"word/_rels/document.xml.rels": relations(("image", "http://a/b.png", True))}, "сайту"),
        ({"word/_rels/document.xml.rels": relations(("image", "http://a/b.png", False))}, "сайту"),
        ({"word/_rels/document.xml.rels": relations(("aFChunk", "a.xml", False))}, "вложенный файл"),
        ({"word/document.xml": body('<w:p><w:fldSimple w:instr="DDEAUTO c:\\cmd.exe"/></w:p>')}, "запуска"),
        (
            {
                "word/document.xml": body(
                    "<w:p><w:r><w:instrText>DD</w:instrText></w:r><w:r><w:instrText>E cmd</w:instrText></w:r></w:p>"
                )
            },
            "запуска",
        ),
        ({"../../etc/passwd": "x"}, "повреждён"),
        ({"/etc/passwd": "x"}, "повреждён"),
        ({"word\\..\\a": "x"}, "повреждён"),
        ({"C:/a": "x"}, "повреждён"),
        ({"WORD/document.xml": body()}, "повреждён"),
        ({"word/document.xml": "<w:document"}, "повреждён"),
        ({"word/document.xml": "<html/>"}, "повреждён"),
        ({"word/document.xml": '<!DOCTYPE a [<!ENTITY b "c">]>' + body()}, "повреждён"),
        ({"word/document.xml": f'<!DOCTYPE a SYSTEM "http://a/b">{body()}'}, "повреждён"),
        ({"word/media/a.bmp": bytes(20 * 1024 * 1024)}, "слишком много места"),
        ({f"word/media/{n}.txt": "" for n in range(3001)}, "слишком много места"),
    ],
)
def test_docx_that_is_another_kind_active_or_damaged_is_refused(changes, what):
    assert what in refusal(docx_of(changes), "Анкета.docx")


def test_docx_with_words_like_commands_in_its_text_passes():
    text = "<w:p><w:r><w:t>DDEAUTO, JavaScript и макросы: тема курса</w:t></w:r></w:p>"
    field = '<w:p><w:fldSimple w:instr=" PAGE "/><w:r><w:instrText>HYPERLINK "https://a"</w:instrText></w:r></w:p>'
    assert accepted(docx_of({"word/document.xml": body(text + field)}), "Анкета.docx").kind == "docx"


def test_docx_with_an_encrypted_entry_is_refused():
    data = bytearray(docx_of())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    assert "паролем" in refusal(bytes(data), "Анкета.docx")


def test_docx_that_lies_about_the_size_of_an_entry_is_refused():
    data = bytearray(docx_of({"word/media/a.txt": "1234567890" * 100}))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    assert "повреждён" in refusal(bytes(data), "Анкета.docx")


def test_truncated_docx_and_docx_behind_other_bytes_are_refused():
    data = docx_of()
    assert "повреждён" in refusal(data[:-30], "Анкета.docx")
    assert "повреждён" in refusal(b"PK\x03\x04" + bytes(60) + data, "Анкета.docx")


# --- names


@pytest.mark.parametrize(
    "given_name, shown",
    [
        ("Паспорт.pdf", "Паспорт.pdf"),
        ("C:\\Users\\Иван\\Паспорт.pdf", "Паспорт.pdf"),
        ("../../etc/Паспорт.pdf", "Паспорт.pdf"),
        ("Пас\0порт\r\n.pdf", "Паспорт.pdf"),
        ("Резюме\u202efdp.exe", "Резюмеfdp.exe"),
        ("\u2066a\u2069\u200f.pdf", "a.pdf"),
        ("Диплом\u00a0 \u2003№ 5.pdf", "Диплом № 5.pdf"),
        ("Грамота 👩\u200d🏫🎉.jpg", "Грамота 👩\u200d🏫🎉.jpg"),
        ("и\u0306од.pdf", "йод.pdf"),
        ("a\ud800.pdf", "a.pdf"),
        ("", "файл"),
        ("..", "файл"),
        ("\u202e/", "файл"),
        (".pdf", "pdf"),
        ("я" * 200 + ".pdf", "я" * 146 + ".pdf"),
        ("я" * 146 + ".pdf", "я" * 146 + ".pdf"),
        ("я" * 200, "я" * 150),
        ("a." + "я" * 200, "a." + "я" * 148),
    ],
)
def test_name_is_shown_without_path_and_unseen_characters(given_name, shown):
    assert clean_name(given_name) == shown


@given(st.text(st.characters(codec=None), max_size=300))
def test_cleaned_name_is_short_visible_and_stable(name):
    cleaned = clean_name(name)
    assert 0 < len(cleaned) <= 150
    assert not re.search(r"[/\\\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", cleaned)
    assert clean_name(cleaned) == cleaned
    cleaned.encode()


# --- anything at all


HEADS = [b"", b"PK\x03\x04", b"PK\x01\x02", b"GIF89a", b"<svg", b"MZ", b"\0\0\0\x18ftyp"]


@settings(max_examples=150, deadline=None)
@given(name=st.text(max_size=20), head=st.sampled_from(HEADS), rest=st.binary(max_size=400))
def test_random_bytes_are_refused_with_a_sentence_and_nothing_else_happens(name, head, rest):
    refusal(head + rest, name)


@settings(max_examples=12, deadline=None)
@given(
    head=st.sampled_from([b"%PDF-1.7\n", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"\0\0\0\x18ftypheic"]),
    rest=st.binary(),
)
def test_random_bytes_behind_the_head_of_an_accepted_kind_are_refused(head, rest):
    """Pitfall 9: magic bytes are no defence."""
    refusal(head + rest + b"%%EOF")


SOUND = [docx_of(), docx_of({"word/media/image1.png": picture("PNG")})]


@settings(max_examples=150, deadline=None)
@given(data=st.sampled_from(SOUND), at=st.integers(0, 5000), new=st.binary(min_size=1, max_size=6))
def test_damaged_docx_is_accepted_or_refused_but_never_an_error(data, at, new):
    at %= len(data)
    try:
        assert check_upload("Анкета.docx", data[:at] + new + data[at + len(new) :], LIMITS).kind == "docx"
    except RejectedUpload as rejected:
        assert "Анкета.docx" in rejected.message


# --- pictures of pages


def test_page_of_a_pdf_is_shown_as_a_picture_of_the_asked_width():
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.pages[1].obj["/Contents"] = pdf.make_stream(b"1 0 0 rg 0 0 595 842 re f")

    data = pdf_of(2, change)
    first, second = (Image.open(io.BytesIO(preview_page("pdf", data, page, 300))) for page in (1, 2))
    assert first.format == "JPEG" and uploads.PREVIEW_CONTENT_TYPE == "image/jpeg"
    assert first.width == 300 and abs(first.height - 424) <= 2
    assert first.getpixel((150, 200)) == (255, 255, 255)
    assert second.getpixel((150, 200))[0] > 240 and second.getpixel((150, 200))[1] < 20


@pytest.mark.parametrize("page", [0, -1, 3])
def test_page_that_a_pdf_has_not_is_refused_with_a_sentence(page):
    with pytest.raises(PreviewUnavailable) as caught:
        preview_page("pdf", pdf_of(2), page)
    assert str(page) in caught.value.message and caught.value.message.endswith(".")


@pytest.mark.parametrize("box", [[0, 0, 1, 14_400], [0, 0, 1, 1_000_000]])
def test_pdf_page_of_absurd_proportions_gives_a_sentence(box):
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].obj["/MediaBox"] = pikepdf.Array(box)

    with pytest.raises(PreviewUnavailable, match="скачайте"):
        preview_page("pdf", pdf_of(1, change), 1)


def test_preview_has_capped_memory(monkeypatch):
    """A page that needs more memory than allowed costs its own process only."""
    monkeypatch.setattr(uploads, "PREVIEW_MEMORY", 8 * 1024 * 1024)
    with pytest.raises(PreviewUnavailable, match="скачайте"):
        preview_page("pdf", pdf_of(), 1)


def test_inspector_has_capped_memory_and_time(monkeypatch, tmp_path):
    """A parser that takes memory without end meets the limit of its process, long before the server's."""
    code = uploads.INSPECTOR.read_text().replace(
        "answer, content = inspect(", "hog = bytearray(2**33)\n    answer, content = inspect("
    )
    path = tmp_path / "inspector.py"
    path.write_text(code)
    monkeypatch.setattr(uploads, "INSPECTOR", path)
    assert "слишком сложно" in refusal(pdf_of())


def test_preview_that_takes_too_long_or_has_no_program_gives_a_sentence(monkeypatch):
    monkeypatch.setattr(uploads, "PREVIEW_SECONDS", 0.0001)
    with pytest.raises(PreviewUnavailable, match="скачайте"):
        preview_page("pdf", pdf_of(), 1)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(PreviewUnavailable, match="не работает"):
        preview_page("pdf", pdf_of(), 1)


@pytest.mark.parametrize(
    "kind, mode", [("jpeg", "RGB"), ("jpeg", "L"), ("png", "RGBA"), ("png", "1"), ("png", "L")]
)
def test_picture_is_shown_smaller_and_never_larger(kind, mode):
    large = preview_page(kind, picture(kind, size=(3000, 1500), mode=mode), 1, 900)
    small = preview_page(kind, picture(kind, size=(120, 60), mode=mode), 1, 900)
    assert Image.open(io.BytesIO(large)).size == (900, 450)
    assert Image.open(io.BytesIO(small)).size == (120, 60)
    assert Image.open(io.BytesIO(large)).format == "JPEG"


def test_transparent_picture_is_shown_on_white_paper():
    image = Image.open(io.BytesIO(preview_page("png", picture("PNG", mode="RGBA"), 1)))
    assert image.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("width, held", [(1, 100), (9999, 2400)])
def test_width_of_a_preview_is_held_in_bounds(width, held):
    data = picture("PNG", size=(2500, 20), mode="L")
    assert Image.open(io.BytesIO(preview_page("png", data, 1, width))).width == held


@pytest.mark.parametrize(
    "kind, content, page",
    [("png", b"broken", 1), ("jpeg", b"", 1), ("png", picture("PNG"), 2), ("exe", b"", 1)],
)
def test_picture_that_can_not_be_shown_gives_a_sentence(kind, content, page):
    with pytest.raises(PreviewUnavailable, match=r"\.$"):
        preview_page(kind, content, page)


def test_word_document_is_only_downloaded():
    with pytest.raises(PreviewUnavailable, match="скачайте"):
        preview_page("docx", docx_of(), 1)
