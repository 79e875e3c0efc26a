"""HTML to PDF. Only this file imports WeasyPrint; its fetcher serves the portal's static files and refuses the rest."""

import atexit
import re
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from threading import local
from typing import Any, ParamSpec, TypeVar
from urllib.parse import unquote, urlsplit

from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousOperation
from django.template.loader import render_to_string

CONTENT_TYPES = {
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".woff": "font/woff",
    ".ttf": "font/ttf",
}
STYLESHEET = re.compile(r'<link rel="stylesheet" href="([^"]*)">')
ROOM = 40_000  # words: 512 KB of stack, of which a layout's calls take a part
_kept = local()


P = ParamSpec("P")
R = TypeVar("R")


class FetchRefused(Exception):
    """A paper asked for something that is not a static file of the portal."""


def with_room(function: Callable[P, R]) -> Callable[P, R]:
    """Return `function` as one that runs in a single large piece of the interpreter's stack.

    CPython takes its stack in pieces of 16 KB. Where the innermost calls of a layout lie at the edge of one, each call
    asks the system for memory and gives it back: up to a quarter of the time, by the depth of the caller.
    """

    def roomy(*args: P.args, **kwargs: P.kwargs) -> R:
        return function(*args, **kwargs)

    roomy.__code__ = roomy.__code__.replace(co_stacksize=ROOM)
    return wraps(function)(roomy)


def render_pdf(template: str, context: dict[str, Any]) -> bytes:
    """Render a template of templates/<app>/pdf/ as a tagged PDF; raises FetchRefused for anything not static."""
    return html_to_pdf(render_to_string(template, context))


@with_room
def html_to_pdf(html: str, *, tagged: bool = True) -> bytes:
    """Turn HTML into a PDF with embedded fonts; raises FetchRefused for anything that is not static.

    Tagged, in WeasyPrint's form for PDF/UA-1, where a reader of the structure is to be served.
    """
    import weasyprint
    from weasyprint.urls import FatalURLFetchingError

    fetcher = _fetcher()
    linked = STYLESHEET.findall(html)
    try:
        sheets, fonts = _stylesheets(tuple((address, _changed_at(address)) for address in linked))
        document = weasyprint.HTML(
            string=STYLESHEET.sub("", html), base_url="static:///", url_fetcher=fetcher
        )
        pdf = document.write_pdf(
            pdf_variant="pdf/ua-1" if tagged else None, stylesheets=sheets, font_config=fonts
        )
    except FatalURLFetchingError as error:
        raise FetchRefused(str(error)) from error
    if fetcher.refused:
        raise FetchRefused(fetcher.refused[0])
    return pdf


def _fetcher() -> Any:
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class StaticOnly(URLFetcher):
        refused: list[str]

        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
            try:
                path = static_file(url)
            except FetchRefused as error:
                # WeasyPrint swallows any other exception, inside an SVG this one too: a hole in an official paper.
                self.refused.append(str(error))
                raise FatalURLFetchingError(str(error)) from error
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": CONTENT_TYPES[path.suffix]})

    fetcher = StaticOnly()
    fetcher.refused = []
    return fetcher


def _changed_at(address: str) -> float:
    return static_file(address).stat().st_mtime


def _stylesheets(linked: tuple[tuple[str, float], ...]) -> tuple[list[Any], Any]:
    """The parsed stylesheets with their fonts, kept by each thread: parsing them took as long as a page's layout."""
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    kept = getattr(_kept, "sheets", None)
    if kept is None:
        kept = _kept.sheets = {}
        atexit.register(kept.clear)  # fonts lie in a folder that goes with them
    if linked not in kept:
        fonts = FontConfiguration()
        fetcher = _fetcher()
        sheets = [
            weasyprint.CSS(url=address, url_fetcher=fetcher, font_config=fonts) for address, _ in linked
        ]
        if fetcher.refused:
            raise FetchRefused(fetcher.refused[0])
        kept[linked] = (sheets, fonts)
    return kept[linked]


def static_file(url: str) -> Path:
    """Return the file behind `static:/path`; raises FetchRefused for any other address or a path outside."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise FetchRefused(f"Refused: {url[:200]}") from None
    if parts.scheme != "static" or parts.netloc or Path(parts.path).suffix not in CONTENT_TYPES:
        raise FetchRefused(f"Refused: {url[:200]}")
    try:
        found = finders.find(unquote(parts.path).lstrip("/"))
    except (SuspiciousOperation, ValueError):  # a way out of the folder, a null byte
        found = None
    if not found or isinstance(found, list):
        raise FetchRefused(f"No such static file: {url[:200]}")
    return Path(found)
