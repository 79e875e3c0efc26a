"""Tags and filters of all templates: `{% load portal %}`."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.html import urlize
from django.utils.safestring import SafeString

from .. import clock
from ..words import clause_in_words, plural

register = template.Library()


@dataclass(frozen=True)
class Tone:
    """How a badge looks and what it says."""

    tone: str
    icon: str
    words: str


@register.filter
def ru_date(value: date | datetime | None) -> str:
    """«5 июня 2026 г.»; nothing for nothing."""
    if not value:
        return ""
    day = clock.local(value).date() if isinstance(value, datetime) else value
    return f"{day.day} {date_format(day, 'E')} {day.year} г."


@register.filter
def ru_moment(value: datetime | None) -> str:
    """«5 июня 2026 г., 14:02» in the region's time; nothing for nothing."""
    return f"{ru_date(value)}, {clock.local(value):%H:%M}" if value else ""


@register.filter
def clause(text: str) -> str:
    """A clause in words: «O3.2к» → «подп. «к» п. 3.2 Порядка»; nothing for nothing."""
    return clause_in_words(text or "")


@register.filter
def stored_date(text: str | None) -> str:
    """A date kept in a snapshot, as people write it: «2004-08-25» → «25.08.2004»; nothing for nothing."""
    return f"{date.fromisoformat(text):%d.%m.%Y}" if text else ""


@register.filter
def points(value: Decimal | None) -> str:
    """Points as people write them: 69.90 → «69,9», 70.00 → «70»; a dash for nothing."""
    if value is None or value == "":
        return "—"
    text = f"{Decimal(value):f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")


@register.filter
def unstopped(text: Any) -> str:
    """What a person typed, without the full stop at its end: the sentence around it has its own."""
    return str(text).rstrip(" .")


@register.filter(name="plural")
def plural_filter(count: int, forms: str) -> str:
    """The form that fits a number: `{{ n }} {{ n|plural:"день,дня,дней" }}`."""
    one, few, many = forms.split(",")
    return plural(int(count), one, few, many)


@register.filter
def error_target(field: Any) -> str:
    """The id to which a line of the error summary leads: the control, or the first option of a group."""
    if field.id_for_label:
        return field.id_for_label
    return f"{field.auto_id}_0" if field.use_fieldset else field.auto_id


@register.filter
def is_group(field: Any) -> bool:
    """Say whether a field is a group of boxes or radio buttons."""
    return getattr(field.field.widget, "input_type", "") in ("checkbox", "radio") and field.use_fieldset


@register.simple_tag
def deadline_state(deadline: Any) -> Tone:
    """Words, icon and tone of a Deadline: open, last day, overdue, kept, late, fallen away."""
    if deadline.cancelled:
        return Tone("neutral", "slash-circle", "срок отпал")
    if deadline.closed_on:
        if deadline.was_late:
            return Tone(
                "warning", "exclamation-circle", f"исполнено с опозданием {deadline.closed_on:%d.%m.%Y}"
            )
        return Tone("success", "check-circle", f"исполнено в срок {deadline.closed_on:%d.%m.%Y}")
    if deadline.is_overdue:
        return Tone("danger", "exclamation-triangle", "просрочено")
    if deadline.due_on == clock.today():
        return Tone("warning", "alarm", "сегодня последний день")
    return Tone("info", "clock", "идёт")


@register.simple_tag(takes_context=True)
def render_part(context: template.Context, template_name: str, values: dict[str, Any]) -> SafeString:
    """Render a plugged-in piece (a card, a block) with its own values beside those of the page."""
    surroundings: dict[Any, Any] = context.flatten()
    return render_to_string(template_name, surroundings | values)


@register.filter
def prose(text: str) -> SafeString:
    """Plain text as people type it: an empty line parts paragraphs, «— » begins a list item, «## » a heading."""
    return SafeString("\n".join(_prose_block(lines) for lines in _blocks(text)))  # nosec B703: each piece is escaped


def _blocks(text: str) -> list[list[str]]:
    """Lines in groups: of list items, of a paragraph, or a single heading."""
    blocks: list[list[str]] = [[]]
    for line in (part.strip() for part in text.splitlines()):
        starts_anew = (
            not line or line.startswith("## ") or (blocks[-1] and _is_item(line) != _is_item(blocks[-1][-1]))
        )
        if starts_anew or (blocks[-1] and blocks[-1][-1].startswith("## ")):
            blocks.append([])
        if line:
            blocks[-1].append(line)
    return [lines for lines in blocks if lines]


def _is_item(line: str) -> bool:
    return line.startswith(("— ", "- "))


def _prose_block(lines: list[str]) -> str:
    if lines[0].startswith("## "):
        return f"<h2>{_inline(lines[0][3:])}</h2>"
    if _is_item(lines[0]):
        return "<ul>" + "".join(f"<li>{_inline(line[2:])}</li>" for line in lines) + "</ul>"
    return "<p>" + "<br>".join(_inline(line) for line in lines) + "</p>"


def _inline(line: str) -> str:
    return urlize(line, autoescape=True)
