"""Finding applications: by the beginning of any word of the name, the address, the number, by the СНИЛС's end."""

import re
from typing import Any

from django.db import models
from django.db.models import Q

from reserve_portal.core.crypto import blind
from reserve_portal.core.search import search_key

from ..models import Application, RegistrationEntry, SearchTerm
from .snapshots import snils_of

WORD = re.compile(r"[^\W_]+")
TAIL = 4  # digits of a СНИЛС by which a person is found
LONGEST = SearchTerm._meta.get_field("term").max_length or 0
LONG_ENOUGH = 11


def index_application(application: Application) -> None:
    """Write anew by what an application is found and filtered; for whoever submits, registers or enters one.

    Reads the stored row: the caller's may have been loaded before the snapshot was taken.
    """
    stored = Application.objects.select_related("user", "registration").get(pk=application.pk)
    profile = stored.snapshot.get("profile", {})
    application.municipality_id = profile.get("municipality_id")
    Application.objects.filter(pk=stored.pk).update(municipality=application.municipality_id)
    wanted = words_for(stored.user, getattr(stored, "registration", None), snils_of(stored.snapshot))
    rows = SearchTerm.objects.filter(application=stored)
    rows.exclude(term__in=wanted).delete()
    SearchTerm.objects.bulk_create(
        [SearchTerm(application=stored, term=term) for term in sorted(wanted)], ignore_conflicts=True
    )


def words_for(user: Any, entry: RegistrationEntry | None, snils: str) -> set[str]:
    """The words by which an application of `user` is found; `entry` is its line of the journal, `snils` is open."""
    name = search_key(user.last_name, user.first_name, user.patronymic)
    terms = {*name.split(), *WORD.findall(name), search_key(user.email)}
    if entry is not None:
        number = search_key(entry.text)
        terms |= {*number.split(), *WORD.findall(number)[-1:], str(entry.number)}
    digits = re.sub(r"\D", "", snils)
    if digits:
        terms |= {_hidden(digits), _hidden(digits[-TAIL:])}
    return {term[:LONGEST] for term in terms if term}


def find_applications(rows: models.QuerySet[Any], text: str, field: str = "pk") -> models.QuerySet[Any]:
    """Narrow `rows` to those that have every word of `text`; `field` leads from a row to its application.

    A word is the beginning of a name, of the address, or of the number; four digits may be the end of a СНИЛС, eleven
    are a whole one.
    """
    digits = re.sub(r"\D", "", text)
    if len(digits) == LONG_ENOUGH and not WORD.search(re.sub(r"\d", "", text)):
        return _with_term(rows, field, Q(term=_hidden(digits)))
    for word in search_key(text).split():
        wanted = Q(term__prefix=word[:LONGEST])
        if len(word) == TAIL and word.isdecimal():
            wanted |= Q(term=_hidden(word))
        rows = _with_term(rows, field, wanted)
    return rows


def _with_term(rows: models.QuerySet[Any], field: str, wanted: Q) -> models.QuerySet[Any]:
    return rows.filter(**{f"{field}__among": SearchTerm.objects.filter(wanted).values("application")})


def _hidden(digits: str) -> str:
    return f"#{blind(digits, 'snils')}"
