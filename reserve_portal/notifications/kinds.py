"""Registered letters and their text: `{{ placeholder }}` from a closed list, nothing else is understood."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from reserve_portal.core.registry import Registry

PLACEHOLDER = re.compile(r"{{\s*(\w+)\s*}}")
COMMON = {
    "greeting": "Имя и отчество получателя",
    "portal_url": "Адрес портала",
    "signature": "Подпись оператора",
}


@dataclass(frozen=True)
class LetterKind:
    """A kind of letter: default text and the placeholders it may use ({name: meaning})."""

    code: str
    title: str
    subject: str
    body: str
    placeholders: Mapping[str, str]

    @property
    def all_placeholders(self) -> dict[str, str]:
        return {**COMMON, **self.placeholders}


letter_kinds: Registry[LetterKind] = Registry("letter")


def register_letter(code: str, title: str, subject: str, body: str, /, **placeholders: str) -> LetterKind:
    """Make a letter known; raises ValueError when its own text uses a placeholder it does not name."""
    kind = LetterKind(code, title, subject, body.strip(), placeholders)
    unknown = unknown_placeholders(kind, subject + body)
    if unknown:
        raise ValueError(f"Letter {code}: unknown placeholders {unknown}")
    return letter_kinds.add(code, kind)


def unknown_placeholders(kind: LetterKind, text: str) -> list[str]:
    """Return the placeholders of `text` that letters of this kind do not have."""
    return sorted(set(PLACEHOLDER.findall(text)) - set(kind.all_placeholders))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put the values in place; raises KeyError for a placeholder without a value."""
    return PLACEHOLDER.sub(lambda match: str(values[match[1]]), text)
