"""A form as a browser would send it: every field with the value the page shows."""

from html.parser import HTMLParser


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self._area: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        name = given.get("name")
        if tag == "input" and name and given.get("type") not in ("submit", "button", "image"):
            ticked = given.get("type") in ("checkbox", "radio")
            if not ticked or "checked" in given:
                self.values.setdefault(name, []).append(given.get("value") or ("on" if ticked else ""))
        elif tag == "textarea" and name:
            self._area = name
            self.values[name] = [""]
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self.values.setdefault(self._select, []).append(given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area][0] += data


def fields_of(page: bytes) -> dict[str, list[str]]:
    """Return the fields of a page's forms with their values; change some and post them."""
    fields = _Fields()
    fields.feed(page.decode())
    return {
        name: [value.removeprefix("\n").removeprefix("\r\n") for value in values]
        for name, values in fields.values.items()
    }
