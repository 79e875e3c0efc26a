"""For the page of a person's own data: `{% load personal_data %}`."""

from typing import Any

from django import template

register = template.Library()


@register.filter
def shape(value: Any) -> str:
    """How a plain value is drawn: mapping, listing, yes, no, nothing or text."""
    if isinstance(value, dict):
        return "mapping"
    if isinstance(value, list | tuple):
        return "listing"
    if value is None or value == "":
        return "nothing"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else "text"
