"""The part of the upload check that gives a stranger's bytes to native parsers (qpdf, libjpeg, libpng, libheif).

It is a program, not a library: ``candidates.uploads`` starts it as a child process with the file on standard input, so
that a file which eats memory, runs for ever or crashes a parser costs one child and never the web server. It knows
nothing of Django and nothing of the rest of the portal.

Standard output: one line of JSON, ``{"pages": int}`` or ``{"refused": code, …}``, then for images the clean bytes.
"""

import io
import json
import re
import resource
import sys
import warnings
from collections.abc import Iterator
from typing import Any

CPU_SECONDS = 20
BASE_MEMORY = 640 * 1024 * 1024
MEMORY_PER_PIXEL = (
    20  # a decoded picture, its clean canvas and the turned copy, at 4 bytes a pixel, with room for libheif
)

MAX_DECODED_STREAM = 64 * 1024 * 1024
MAX_DECODED_TOTAL = 256 * 1024 * 1024
MAX_PDF_NODES = 2_000_000

JPEG_QUALITIES = (90, 80, 65)
ORIENTATION_TAG = 0x0112
PNG_END = b"IEND\xaeB`\x82"

# Keys that carry active content wherever they stand, and what the person is told about them.
ACTIVE_KEYS = {
    "/JS": "script",
    "/JavaScript": "script",
    "/Launch": "launch",
    "/EF": "embedded",
    "/EmbeddedFile": "embedded",
    "/EmbeddedFiles": "embedded",
    "/RichMedia": "media",
    "/RichMediaContent": "media",
    "/RichMediaSettings": "media",
    "/XFA": "xfa",
    "/SubmitForm": "submit",
    "/ImportData": "submit",
    "/GoToR": "remote",
    "/GoToE": "remote",
}
# The same as names of actions, annotations and objects.
ACTIVE_NAMES = ACTIVE_KEYS | {
    "/FileAttachment": "embedded",
    "/Movie": "media",
    "/Sound": "media",
    "/Screen": "media",
    "/Rendition": "media",
    "/RichMediaExecute": "media",
    "/3D": "media",
    "/Thread": "remote",
}
NAMING_KEYS = ("/S", "/Type", "/Subtype")

# What qpdf says about a trailer that miscounts its objects and about pages without resources: untidy programs write
# such files, and no object is read differently because of it. Every other warning means damage.
HARMLESS_WARNINGS = re.compile(r"reported number of objects|kid \d+ \(from \d+\)")


class Refused(Exception):
    """The file is refused; ``code`` and ``details`` let the caller write the sentence."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


def limit_resources(max_pixels: int) -> None:
    """Cap memory (bytes) and processor time (seconds) of this process; no core dumps, no files written."""
    memory = BASE_MEMORY + MEMORY_PER_PIXEL * max_pixels
    for kind, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        _soft, hard = resource.getrlimit(kind)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


def inspect_pdf(data: bytes, *, max_pages: int, max_pixels: int) -> int:
    """Return the number of pages of a whole, passive, unencrypted PDF.

    The file is read without recovery, so that a reader which repairs damage can't see another document than this
    check saw. Raises ``Refused`` with encrypted, damaged, no_pages, pages, active, bomb, complex or pixels.
    """
    import pikepdf
    from pikepdf import settings

    settings.set_qpdf_limits(
        flate_max_memory=MAX_DECODED_STREAM,
        run_length_max_memory=MAX_DECODED_STREAM,
        png_max_memory=MAX_DECODED_STREAM,
        tiff_max_memory=MAX_DECODED_STREAM,
    )
    try:
        with pikepdf.open(io.BytesIO(data), attempt_recovery=False) as pdf:
            if pdf.is_encrypted:
                raise Refused("encrypted")
            streams = _walk_pdf(pdf)
            if not all(HARMLESS_WARNINGS.search(str(text)) for text in pdf.get_warnings()):
                raise Refused("damaged")
            _check_sizes(streams, max_pixels)
            pages = len(pdf.pages)
    except pikepdf.PasswordError:
        raise Refused("encrypted") from None
    except pikepdf.PdfError:
        raise Refused("damaged") from None
    if pages == 0:
        raise Refused("no_pages")
    if pages > max_pages:
        raise Refused("pages", pages=pages)
    return pages


def _walk_pdf(pdf: Any) -> list[Any]:
    """Look at every object of the file, referred to or not, and at the trailer; return the streams met."""
    import pikepdf

    seen = 0
    streams = []
    for top in (pdf.trailer, *pdf.objects):
        for node in _nodes(top):
            seen += 1
            if seen > MAX_PDF_NODES:
                raise Refused("complex")
            if isinstance(node, pikepdf.Dictionary | pikepdf.Stream):
                _check_pdf_dictionary(node)
        if isinstance(top, pikepdf.Stream):
            streams.append(top)
    return streams


def _nodes(top: Any) -> Iterator[Any]:
    """The object and its direct containers; what is referred to comes with its own turn."""
    import pikepdf

    stack = [top]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, pikepdf.Array):
            children = list(node)
        elif isinstance(node, pikepdf.Dictionary | pikepdf.Stream):
            children = [value for _key, value in node.items()]
        else:
            continue
        stack.extend(
            child
            for child in children
            if isinstance(child, pikepdf.Array | pikepdf.Dictionary) and not child.is_indirect
        )


def _check_pdf_dictionary(node: Any) -> None:
    import pikepdf

    is_stream = isinstance(node, pikepdf.Stream)
    for key, value in node.items():
        if key in ACTIVE_KEYS:
            raise Refused("active", what=ACTIVE_KEYS[key])
        if key in NAMING_KEYS and isinstance(value, pikepdf.Name) and str(value) in ACTIVE_NAMES:
            raise Refused("active", what=ACTIVE_NAMES[str(value)])
        if key == "/AA" and isinstance(value, pikepdf.Dictionary):
            raise Refused("active", what="automatic")
        if key == "/OpenAction":
            _check_open_action(value)
        if is_stream and key in ("/F", "/Ref"):  # the data lie in another file
            raise Refused("active", what="remote")


def _check_open_action(value: Any) -> None:
    """Going to a place of the same document is what most office programs write; nothing else may start by itself."""
    import pikepdf

    if isinstance(value, pikepdf.Array | pikepdf.Name | pikepdf.String):
        return
    if isinstance(value, pikepdf.Dictionary) and str(value.get("/S")) in ACTIVE_NAMES:
        raise Refused("active", what=ACTIVE_NAMES[str(value.get("/S"))])
    if not isinstance(value, pikepdf.Dictionary) or value.get("/S") != "/GoTo" or "/Next" in value:
        raise Refused("active", what="automatic")


def _check_sizes(streams: list[Any], max_pixels: int) -> None:
    decoded = 0
    for stream in streams:
        if stream.get("/Subtype") == "/Image":
            _check_pdf_picture(stream, max_pixels)
            continue
        decoded += _decoded_size(stream)
        if decoded > MAX_DECODED_TOTAL:
            raise Refused("bomb")


def _check_pdf_picture(stream: Any, max_pixels: int) -> None:
    """A picture is judged by its declared size, not unpacked; in black and white it may have 8 times the points."""
    width, height = int(stream.get("/Width", 0)), int(stream.get("/Height", 0))
    bits = int(stream.get("/BitsPerComponent", 1 if stream.get("/ImageMask") else 8))
    if width * height * bits > max_pixels * 8:
        raise Refused("pixels", width=width, height=height)


def _decoded_size(stream: Any) -> int:
    """Bytes the stream unpacks to by the filters meant for text and data."""
    import pikepdf

    try:
        return len(memoryview(stream.get_stream_buffer(pikepdf.StreamDecodeLevel.generalized)))
    except pikepdf.PdfError as error:
        raise Refused("bomb" if "memory limit" in str(error) else "damaged") from None


def clean_image(kind: str, data: bytes, *, max_pixels: int, max_bytes: int) -> bytes:
    """Return the picture ("jpeg", "png", "heic") as a new file that carries nothing but its pixels.

    Pillow's own save keeps comments, therefore the pixels go to a new canvas; the turn noted by the camera is applied
    before the note is dropped. HEIC becomes JPEG. Raises ``Refused`` with pixels or damaged.
    """
    from PIL import Image

    formats = {"jpeg": ["JPEG"], "png": ["PNG"], "heic": ["HEIF"]}[kind]
    if kind == "heic":
        import pillow_heif

        pillow_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = None  # our own limit is checked below, before anything is decoded
    warnings.simplefilter("ignore")
    if kind == "png":
        if PNG_END not in data:  # Pillow forgives a missing end
            raise Refused("damaged")
        with Image.open(io.BytesIO(data), formats=formats) as image:
            _check_pixels(image, max_pixels)
            image.verify()  # the checksums of all chunks, which load() skips in part
    with Image.open(io.BytesIO(data), formats=formats) as image:
        _check_pixels(image, max_pixels)
        image.load()
        turn = _turn(image)
        canvas = _on_new_canvas(image, keep_alpha=kind == "png")
    if turn is not None:
        canvas = canvas.transpose(turn)
    return _encode_png(canvas) if kind == "png" else _encode_jpeg(canvas, max_bytes)


def _check_pixels(image: Any, max_pixels: int) -> None:
    if image.width * image.height > max_pixels:
        raise Refused("pixels", width=image.width, height=image.height)


def _turn(image: Any) -> Any:
    """The operation that sets the picture upright, or None. A broken note of the camera is no reason to refuse."""
    from PIL import Image

    try:
        orientation = image.getexif().get(ORIENTATION_TAG)
    except Exception:
        return None
    return {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }.get(orientation)


def _on_new_canvas(image: Any, *, keep_alpha: bool) -> Any:
    from PIL import Image

    if image.mode.startswith("I"):  # 16 bits a pixel: a plain convert() would clip nearly everything to white
        image = image.point(lambda value: value * (1 / 256) + 0).convert("L")
    if keep_alpha and image.has_transparency_data:
        mode = "RGBA"
    else:
        mode = image.mode if image.mode in ("1", "L", "RGB") else "RGB"
    if image.mode != mode:
        image = image.convert(mode)
    canvas = Image.new(mode, image.size)
    canvas.paste(image)
    return canvas


def _encode_png(canvas: Any) -> bytes:
    output = io.BytesIO()
    canvas.save(output, "PNG")
    return output.getvalue()


def _encode_jpeg(canvas: Any, max_bytes: int) -> bytes:
    """The best of three qualities that fits the size limit: a new encoding may be larger than the upload was."""
    if canvas.mode == "1":
        canvas = canvas.convert("L")
    content = b""
    for quality in JPEG_QUALITIES:
        output = io.BytesIO()
        canvas.save(output, "JPEG", quality=quality)
        content = output.getvalue()
        if len(content) <= max_bytes:
            break
    return content


def inspect(kind: str, data: bytes, limits: dict[str, int]) -> tuple[dict[str, Any], bytes]:
    """Answer line and clean bytes (empty for a PDF, which is stored as it came)."""
    try:
        if kind == "pdf":
            pages = inspect_pdf(data, max_pages=limits["max_pages"], max_pixels=limits["max_pixels"])
            return {"pages": pages}, b""
        content = clean_image(kind, data, max_pixels=limits["max_pixels"], max_bytes=limits["max_bytes"])
        return {"pages": 1}, content
    except Refused as refusal:
        return {"refused": refusal.code, **refusal.details}, b""
    except MemoryError:
        return {"refused": "bomb"}, b""
    except Exception:  # parsers of hostile bytes raise anything; whatever it was, the file could not be read
        return {"refused": "damaged"}, b""


def main() -> None:
    """``upload_inspector.py KIND LIMITS_AS_JSON`` with the file on standard input."""
    kind, limits = sys.argv[1], json.loads(sys.argv[2])
    limit_resources(limits["max_pixels"])
    answer, content = inspect(kind, sys.stdin.buffer.read(), limits)
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + content)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
