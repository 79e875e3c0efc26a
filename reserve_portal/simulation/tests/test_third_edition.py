"""An administrator writes the invented region's edition in the admin: by copying one and changing every kind of row."""

import json
from datetime import date
from typing import Any

import yaml
from django.db import models
from django.test import Client

from candidates.models import Campaign
from reserve_portal.accounts.tests.factories import person_with
from reserve_portal.core.tests.html_forms import fields_of
from reserve_portal.regulations.models import Edition, Parameter
from reserve_portal.regulations.parameters import SPECS, WEIGHTS
from reserve_portal.regulations.services import ROW_MODELS, load_regulation
from reserve_portal.simulation.story import at

from .test_year import ZARECHNY

LIST = "/admin/regulations/edition/"
# What tells the rows of one kind apart; a row of the copy with the same words is changed, others go or come.
NAMES = {
    "chain_links": ("decision", "order"),
    "consent_texts": ("kind", "version"),
    "grounds": ("kind", "code"),
}
Form = dict[str, Any]


def test_an_administrator_makes_a_third_edition_by_copying_one(client_of: Any, tomsk: Edition) -> None:
    """The copy, changed through the pages, is row by row what the file says; then an intake opens under it."""
    browser = client_of(person_with("administrator"))
    browser.post(f"{LIST}{tomsk.pk}/copy/", {"code": "by-hand", "name": "Зареченский край"})
    edition = Edition.objects.get(code="by-hand")
    data = yaml.safe_load(ZARECHNY.read_text(encoding="utf-8"))
    _save(browser, edition, _rows(browser, edition, "body_rules", data["body_rules"]))
    form = _page(browser, edition)
    form |= {name: value for name, value in data["edition"].items() if name != "code"}
    form |= _parameters(edition, data["parameters"])
    for relation in ROW_MODELS:
        if relation != "body_rules":
            form |= _changes(edition, relation, data[relation], form)
    _save(browser, edition, form)
    browser.post(f"{LIST}{edition.pk}/put_in_force/", {})
    by_file = load_regulation(str(ZARECHNY))
    assert _values(Edition.objects.get(pk=edition.pk)) == _values(by_file)
    _an_intake_opens(client_of, Edition.objects.get(pk=edition.pk))


def test_a_page_of_an_edition_speaks_in_words(client_of: Any, tomsk: Edition) -> None:
    """No codes where words say it: yes and no, the bodies' names, what a requirement means."""
    html = client_of(person_with("administrator")).get(f"{LIST}{tomsk.pk}/change/").content.decode()
    for words in (
        ">да</option>",
        "по числу мероприятий",
        "самовыдвижение",
        "руководящий стаж",
        ">Комиссия по защите концепций развития</option>",
        "стаж не менее 5 лет: педагогическая или руководящая",
        "Различать жёлтую зону",
    ):
        assert words in html, words


def _page(browser: Client, edition: Edition) -> Form:
    return dict(fields_of(browser.get(f"{LIST}{edition.pk}/change/").content))


def _rows(browser: Client, edition: Edition, relation: str, rows: list[Form]) -> Form:
    form = _page(browser, edition)
    return form | _changes(edition, relation, rows, form)


def _save(browser: Client, edition: Edition, form: Form) -> None:
    # A box that is not ticked is not sent.
    sent = {name: value for name, value in form.items() if value is not None}
    answer = browser.post(f"{LIST}{edition.pk}/change/", sent)
    assert answer.status_code == 302, [
        error
        for formset in answer.context["inline_admin_formsets"]
        for error in formset.formset.errors
        if error
    ] or answer.context["errors"]


def _changes(edition: Edition, relation: str, rows: list[Form], form: Form) -> Form:
    """Fields that make the rows of one kind those of the file: changed where known, else deleted or added."""
    model = ROW_MODELS[relation]
    key = NAMES.get(relation, ("code",))
    stored = list(getattr(edition, relation).order_by(*model._meta.ordering))
    wanted = {}
    for order, row in enumerate(rows, start=1):
        place = {} if relation in ("chain_links", "consent_texts") else {"order": order}
        item = model(edition=edition, **{**place, **row})
        wanted[tuple(getattr(item, name) for name in key)] = item
    fields: Form = {}
    for number, row in enumerate(stored):
        found = wanted.pop(tuple(getattr(row, name) for name in key), None)
        if found is None:
            fields[f"{relation}-{number}-DELETE"] = "on"
        else:
            fields |= _fields(f"{relation}-{number}", found)
    for number, item in enumerate(wanted.values(), start=len(stored)):
        fields |= {f"{relation}-{number}-id": "", f"{relation}-{number}-edition": str(edition.pk)}
        fields |= _fields(f"{relation}-{number}", item)
    return fields | {f"{relation}-TOTAL_FORMS": str(len(stored) + len(wanted))}


def _fields(prefix: str, row: models.Model) -> Form:
    """A row as an administrator would type it."""
    found: Form = {}
    for field in row._meta.fields:
        if field.primary_key or field.name == "edition":
            continue
        value = getattr(row, field.name)
        if isinstance(value, bool):
            found[f"{prefix}-{field.name}"] = "on" if value else None
        elif isinstance(value, dict):
            found[f"{prefix}-{field.name}"] = json.dumps(value, ensure_ascii=False)
        elif field.name == "only_for_nomination":
            found[f"{prefix}-{field.name}"] = value.split(",") if value else None
        else:
            found[f"{prefix}-{field.name}"] = "" if value is None else str(value)
    return found


def _parameters(edition: Edition, parameters: dict[str, Form]) -> Form:
    found: Form = {}
    for number, row in enumerate(edition.parameters.order_by("pk")):
        value, name = parameters[row.key]["value"], f"parameters-{number}-value"
        found[f"parameters-{number}-clause"] = parameters[row.key]["clause"]
        if SPECS[row.key].kind == "веса":
            found |= {f"{name}_{key}": str(value.get(key, "")) for key in WEIGHTS}
        elif isinstance(value, bool):
            found[name] = str(value).lower()
        elif isinstance(value, list):
            found[name] = "\n".join(value) if SPECS[row.key].kind == "строки" else value
        else:
            found[name] = "" if value is None else str(value)
    return found


def _values(edition: Edition) -> dict[str, Any]:
    """Everything that the edition says, without keys."""
    tables: dict[str, type[models.Model]] = {**ROW_MODELS, "parameters": Parameter}
    own = {"id", "code", "in_force", "frozen_at", "based_on_id"}
    return {
        "edition": {
            f.attname: getattr(edition, f.attname) for f in Edition._meta.fields if f.attname not in own
        },
        **{
            relation: sorted(
                repr(
                    {
                        f.name: getattr(row, f.name)
                        for f in model._meta.fields
                        if f.name not in ("id", "edition")
                    }
                )
                for row in getattr(edition, relation).all()
            )
            for relation, model in tables.items()
        },
    }


def _an_intake_opens(client_of: Any, edition: Edition) -> None:
    browser = client_of(person_with("operator"))
    with at(date(2026, 2, 2)):
        window = {"opens_on": "2026-02-09", "closes_on": "2026-03-02"}
        browser.post(
            "/admin/candidates/campaign/add/", {"name": "Первый набор", "edition": str(edition.pk), **window}
        )
        campaign = Campaign.objects.get()
        assert campaign.edition == edition
        browser.post(f"/admin/candidates/campaign/{campaign.pk}/open/", {})
    campaign.refresh_from_db()
    edition.refresh_from_db()
    assert campaign.state == "open" and edition.is_frozen
