"""Editions in the admin: the administrator's, until an intake opens under them (process.md 4, 12)."""

from datetime import date
from html import unescape

import pytest

from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.tests.factories import person_with
from reserve_portal.audit.models import AuditEvent
from reserve_portal.core.tests.html_forms import fields_of
from reserve_portal.regulations.models import Edition, Parameter
from reserve_portal.regulations.parameters import SPECS
from reserve_portal.regulations.services import copy_edition, edition_in_force, freeze_edition
from reserve_portal.regulations.tests.factories import DeadlineFactory

LIST = "/admin/regulations/edition/"


@pytest.fixture
def browser(client_of, tomsk):
    """An administrator's browser."""
    return client_of(person_with("administrator"))


@pytest.fixture
def page(browser, tomsk):
    """Open an edition's page, change some fields, save; gives the answer."""
    address = f"{LIST}{tomsk.pk}/change/"

    def save(**changes):
        data = {**fields_of(browser.get(address).content), **changes}
        return browser.post(address, data)

    save.address = address
    return save


def _field(edition, key, name="value"):
    """The name of a parameter's field in the page's form."""
    keys = list(edition.parameters.order_by("pk").values_list("key", flat=True))
    return f"parameters-{keys.index(key)}-{name}"


def test_saving_a_page_without_changes_changes_nothing(page, tomsk):
    """Every row comes back as it was."""
    was = list(Parameter.objects.order_by("pk").values_list("key", "value", "clause"))
    answer = page()
    assert answer.status_code == 302, answer.content.decode()[:3000]
    assert list(Parameter.objects.order_by("pk").values_list("key", "value", "clause")) == was


def test_the_administrator_changes_a_rule_and_the_change_is_recorded(page, tomsk):
    """A value, its clause, a limit's length."""
    answer = page(
        **{
            _field(tomsk, "wait_months"): "6",
            _field(tomsk, "wait_months", "clause"): "п. 5",
            "time_limits-0-amount": "3",
        }
    )
    assert answer.status_code == 302
    edition = Edition.objects.get(pk=tomsk.pk)
    assert (edition.value("wait_months"), edition.clause("wait_months")) == (6, "п. 5")
    assert edition.time_limits.order_by("order").first().amount == 3
    event = AuditEvent.objects.get(action="regulations.change")
    assert set(event.details["rows"]) == {"Параметр", "Срок"}


@pytest.mark.parametrize(
    "typed",
    [  # each page holds bad values in many fields at once: it is a long one
        {
            "wait_months": ("шесть", "Введите целое число"),
            "intakes_a_year": ("13", "нужно число от 1 до 12"),
            "zones": ("возможно", "нет среди допустимых значений"),
            "threshold_percent": ("101", "меньше либо равно 100"),
            "green_percent": ("много", "Введите число"),
            "attempt": ("worst", "нет среди допустимых значений"),
            "nomination_kinds": ("friend", "нет среди допустимых значений"),
            "registration_pattern": ("КР-{year}", "в шаблоне номера нужен {number}"),
        },
        {
            "wait_months": ("-6", "больше либо равно 0"),
            "zones": ("", "Обязательное поле"),
            "threshold_percent": ("", "Обязательное поле"),
        },
        {"wait_months": ("", "Обязательное поле")},
    ],
)
def test_bad_values_are_refused_beside_their_fields_in_russian(page, tomsk, typed):
    """Nothing is stored, what was typed stays, the sentence says what to write."""
    fields = {key: _field(tomsk, key) for key in typed}
    answer = page(**{fields[key]: raw for key, (raw, _) in typed.items()})
    assert answer.status_code == 200 and "Traceback" not in answer.content.decode()
    shown = fields_of(answer.content)
    for key, (raw, words) in typed.items():
        assert words in _errors_beside(answer, fields[key]) and words in unescape(answer.content.decode())
        if key not in {
            "zones",
            "attempt",
            "nomination_kinds",
        }:  # what is not offered cannot be shown as chosen
            assert shown[fields[key]] == [raw]
        assert Edition.objects.get(pk=tomsk.pk).value(key) == tomsk.value(key)


@pytest.mark.parametrize(
    "typed",
    [
        {
            "requirements-1-rule": ('{"luck": 1}', "Неизвестное условие «luck»"),
            "time_limits-0-starts": ("application.sent", "application.sent"),
            "time_limits-4-unit": ("months", "считается в рабочих днях или неделях"),
            "time_limits-9-day": ("31", "Такого дня в году нет"),
            "body_rules-0-quorum_percent": ("101", "не больше 100 %"),
            "time_zone": ("Asia/Tomks", "Неизвестный часовой пояс"),
        },
        {"requirements-1-rule": ("{'age': 25}", "Не читается как JSON")},
        {"requirements-1-rule": ('{"age": 25}', "Условие «age» записано неверно")},
    ],
)
def test_rules_that_cannot_work_are_refused_in_russian(page, tomsk, typed):
    """Requirements, limits, quorum, time zone."""
    answer = page(**{field: raw for field, (raw, _) in typed.items()})
    assert answer.status_code == 200
    html = unescape(answer.content.decode())
    assert all(words in html for _, words in typed.values())
    assert not AuditEvent.objects.filter(action="regulations.change").exists()


def _errors_beside(answer, field):
    """The sentences that stand at a parameter's value."""
    prefix, _, name = field.rpartition("-")
    formsets = answer.context["inline_admin_formsets"]
    return " ".join(
        sentence
        for formset in formsets
        for form in formset.formset.forms
        if form.prefix == prefix
        for sentence in form.errors.get(name, [])
    )


def test_a_parameter_neither_comes_nor_goes(page, browser, tomsk):
    """The code reads each of them."""
    fields = fields_of(browser.get(page.address).content)
    assert not any(name.startswith("parameters-") and name.endswith("-DELETE") for name in fields)
    page(**{"parameters-0-DELETE": "on"})
    assert tomsk.parameters.count() == len(SPECS)


def test_a_frozen_edition_is_read_only(page, browser, tomsk):
    """Frozen once an intake has opened under it: it can be read and copied, not changed."""
    data = fields_of(browser.get(page.address).content)
    freeze_edition(tomsk, actor=None)
    answer = browser.get(page.address)
    assert answer.status_code == 200
    shown = fields_of(answer.content)
    assert not {"name", "parameters-0-value", "grounds-0-text", "time_limits-0-amount"} & set(shown)
    words = answer.content.decode()
    assert "самовыдвижение, выдвинут органом местного самоуправления" in words  # values as people read them
    assert "результат оценки — 50; территория — 20" in words and "<p>False</p>" not in words
    assert browser.post(page.address, {**data, "name": "Другое"}).status_code == 403
    assert Edition.objects.get(pk=tomsk.pk).name == tomsk.name


def test_an_edition_is_neither_added_empty_nor_deleted(browser, tomsk):
    """A new one is a copy."""
    assert browser.get(f"{LIST}add/").status_code == 403
    assert browser.post(f"{LIST}{tomsk.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Edition.objects.exists()


@pytest.mark.parametrize("role", sorted(set(Role.values) - {"administrator"}))
def test_only_the_administrator_changes_editions(role, client_of, tomsk):
    """Operator and auditor read; the others do not come in."""
    browser = client_of(person_with(role))
    reads = role in {"operator", "auditor"}
    answer = browser.get(f"{LIST}{tomsk.pk}/change/")
    assert answer.status_code == (200 if reads else 302)
    if reads:
        assert "name" not in fields_of(answer.content)
    for address in (
        f"{LIST}{tomsk.pk}/change/",
        f"{LIST}{tomsk.pk}/copy/",
        f"{LIST}{tomsk.pk}/put_in_force/",
    ):
        answer = browser.post(address, {"code": "x", "name": "x"})
        assert answer.status_code == (403 if reads else 302)
    assert Edition.objects.count() == 1


# --- actions --------------------------------------------------------------------------------------------------------


def _act(browser, action, *editions):
    return browser.post(
        LIST, {"action": action, "_selected_action": [row.pk for row in editions]}, follow=True
    )


def test_an_edition_is_copied_by_an_action_with_a_form(browser, tomsk):
    """Code and name are asked for, then the copy is there and may be changed."""
    freeze_edition(tomsk, actor=None)
    answer = _act(browser, "copy", tomsk)
    address = answer.redirect_chain[-1][0]
    assert address == f"{LIST}{tomsk.pk}/copy/" and "Скопировать" in answer.content.decode()
    answer = browser.post(address, {"code": "tomsk-2027", "name": "Редакция 2027 года"}, follow=True)
    assert "Редакция скопирована." in answer.content.decode()
    copy = Edition.objects.get(code="tomsk-2027")
    assert copy.based_on == tomsk and copy.parameters.count() == len(SPECS)
    assert "name" in fields_of(browser.get(f"{LIST}{copy.pk}/change/").content)


@pytest.mark.parametrize(
    ("code", "name", "words"),
    [
        ("tomsk-2024", "Новая", "Редакция с таким кодом уже есть."),
        ("томск", "Новая", "латинских букв"),
        ("", "Новая", "Код"),
        ("new", "", "Название"),
    ],
)
def test_a_copy_without_a_good_code_and_name_is_refused(browser, tomsk, code, name, words):
    """The sentence stands in the form, nothing is copied."""
    answer = browser.post(f"{LIST}{tomsk.pk}/copy/", {"code": code, "name": name})
    assert answer.status_code == 200 and words in answer.content.decode()
    assert Edition.objects.count() == 1


def test_an_edition_is_put_in_force_after_a_confirmation(browser, tomsk):
    """Showing the page changes nothing; confirming does."""
    copy = copy_edition(tomsk, code="new", name="Новая", actor=None)
    address = _act(browser, "put_in_force", copy).redirect_chain[-1][0]
    assert edition_in_force() == tomsk
    answer = browser.post(address, follow=True)
    assert "Редакция действует." in answer.content.decode()
    assert edition_in_force() == copy


def test_an_edition_whose_rules_do_not_fit_is_not_put_in_force_and_the_page_says_why(browser, tomsk):
    """The reasons stand on the confirmation page."""
    copy = copy_edition(tomsk, code="new", name="Новая", actor=None)
    copy.target_groups.all().delete()
    answer = browser.post(f"{LIST}{copy.pk}/put_in_force/")
    assert answer.status_code == 200 and "Нет ни одной целевой группы." in answer.content.decode()
    assert edition_in_force() == tomsk


def test_an_action_wants_one_edition(browser, tomsk):
    """Two at once make no sense."""
    copy = copy_edition(tomsk, code="new", name="Новая", actor=None)
    for action in ("copy", "put_in_force"):
        assert "Выберите одну редакцию." in _act(browser, action, tomsk, copy).content.decode()


# --- deadlines ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "titles"),
    [
        ("", {"Просрочен", "Сегодня", "Идёт", "Исполнен", "Отпал"}),
        ("overdue", {"Просрочен"}),
        ("today", {"Сегодня"}),
        ("open", {"Просрочен", "Сегодня", "Идёт"}),
        ("late", {"Исполнен"}),
    ],
)
def test_the_operator_filters_the_deadlines_of_all_cases(client_of, tomsk, travel, when, titles):
    """Overdue ones are listed (process.md 5)."""
    today = date(2026, 9, 2)
    for title, due, more in (
        ("Просрочен", date(2026, 9, 1), {}),
        ("Сегодня", today, {}),
        ("Идёт", date(2026, 9, 3), {}),
        ("Исполнен", date(2026, 8, 31), {"closed_on": date(2026, 9, 1)}),
        ("Отпал", date(2026, 9, 1), {"cancelled": True}),
    ):
        DeadlineFactory(title=f"«{title}»", due_on=due, **more)
    with travel(today):
        page = client_of(person_with("operator")).get(
            "/admin/regulations/deadline/", {"when": when} if when else {}
        )
    html = page.content.decode()
    assert {
        title for title in ("Просрочен", "Сегодня", "Идёт", "Исполнен", "Отпал") if f"«{title}»" in html
    } == titles


def test_a_deadline_is_read_only(client_of, tomsk):
    """It is closed by its event, not by hand."""
    row = DeadlineFactory()
    for role in ("operator", "administrator"):
        browser = client_of(person_with(role))
        assert (
            browser.post(f"/admin/regulations/deadline/{row.pk}/change/", {"title": "x"}).status_code == 403
        )
        assert (
            browser.post(f"/admin/regulations/deadline/{row.pk}/delete/", {"post": "yes"}).status_code == 403
        )
        assert browser.get("/admin/regulations/deadline/add/").status_code == 403
