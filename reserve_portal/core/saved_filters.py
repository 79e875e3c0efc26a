"""Saved filters of the workplace's lists: each person's own, shared where he or she says so."""

from typing import Any

from django.db import transaction

from .gates import Blocker, require_open
from .models import SavedFilter

LONGEST_NAME = SavedFilter._meta.get_field("name").max_length or 0
LONGEST_QUERY = SavedFilter._meta.get_field("query").max_length or 0
AT_MOST = 30  # of one person on one list


@transaction.atomic
def save_filter(model: str, query: str, *, name: str, is_shared: bool, owner: Any) -> SavedFilter:
    """Keep the address `query` of the list of `model` («app.model») under a name; the same name replaces.

    Raises GateShut for an empty or too long name, an address without a filter, and beyond AT_MOST.
    """
    name = " ".join(name.split())
    blockers = []
    if not name:
        blockers.append(Blocker("Назовите отбор.", field="name"))
    if len(name) > LONGEST_NAME:
        blockers.append(Blocker(f"Название — не длиннее {LONGEST_NAME} знаков.", field="name"))
    if not query or len(query) > LONGEST_QUERY:
        blockers.append(Blocker("Сначала выберите фильтры или введите слова поиска."))
    own = SavedFilter.objects.filter(owner=owner, model=model)
    if own.exclude(name=name).count() >= AT_MOST:
        blockers.append(Blocker(f"Сохранить можно не больше {AT_MOST} отборов: удалите лишний."))
    require_open(blockers)
    row, _ = SavedFilter.objects.update_or_create(
        owner=owner, model=model, name=name, defaults={"query": query, "is_shared": is_shared}
    )
    return row


@transaction.atomic
def remove_filter(pk: str, *, owner: Any) -> None:
    """Remove an own filter; one of somebody else's, or one that is gone, raises GateShut."""
    if not pk.isdigit() or not SavedFilter.objects.filter(pk=pk, owner=owner).delete()[0]:
        require_open([Blocker("Удалить можно только свой отбор.")])
