from datetime import date
from decimal import Decimal

import pytest
from django import forms
from django.template import Context, Template

from reserve_portal.core.forms import PortalForm


class SampleForm(PortalForm):
    submit_label = "Подать"
    cancel_url = "/back/"

    name = forms.CharField(label="Фамилия", help_text="Как в паспорте")
    born = forms.DateField(label="Дата рождения")
    points = forms.DecimalField(label="Баллы", required=False, max_digits=6, decimal_places=2)
    count = forms.IntegerField(label="Листов", required=False)
    kinds = forms.MultipleChoiceField(
        label="Выдвижение", choices=[("self", "сам"), ("head", "школа")], widget=forms.CheckboxSelectMultiple
    )
    agree = forms.BooleanField(label="Согласие")


GOOD = {"name": "Ли", "born": "2001-02-28", "kinds": ["self"], "agree": "on"}


def rendered(form: forms.Form) -> str:
    return Template("{% load crispy_forms_tags %}{% crispy form %}").render(
        Context({"form": form, "csrf_token": "t"})
    )


@pytest.mark.parametrize(
    ("typed", "value"), [("12,5", "12.5"), ("12.5", "12.5"), ("69,99", "69.99"), ("7", "7")]
)
def test_a_decimal_comma_and_a_point_give_the_same_exact_number(typed: str, value: str):
    """Points are exact decimals (house rule 7), typed as people here type them."""
    form = SampleForm({**GOOD, "points": typed})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["points"] == Decimal(value)


def test_a_number_is_shown_with_a_comma_and_typed_into_a_text_field():
    html = rendered(SampleForm(initial={"points": Decimal("69.99"), "count": 3}))
    assert 'value="69,99"' in html
    assert 'inputmode="decimal"' in html and 'inputmode="numeric"' in html
    assert 'type="number"' not in html


def test_text_instead_of_a_number_is_refused_and_kept_in_the_field():
    """Nothing typed is ever lost."""
    form = SampleForm({**GOOD, "points": "семь"})
    assert "points" in form.errors
    assert 'value="семь"' in rendered(form)


def test_a_date_is_a_native_picker_filled_with_an_iso_date():
    html = rendered(SampleForm(initial={"born": date(2001, 2, 28)}))
    assert 'type="date"' in html and 'value="2001-02-28"' in html


def test_a_date_typed_the_russian_way_is_understood():
    form = SampleForm({**GOOD, "born": "28.02.2001"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["born"] == date(2001, 2, 28)


def test_the_error_summary_leads_to_the_fields_by_their_ids():
    html = rendered(SampleForm({}))
    assert 'role="alert"' in html
    for target in ("id_name", "id_born", "id_kinds_0", "id_agree"):
        assert f'href="#{target}"' in html
        assert f'id="{target}"' in html


def test_each_error_stands_beside_its_field_and_is_tied_to_it():
    html = rendered(SampleForm({}))
    assert 'id="id_name_error"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ("name", "Заполните это поле."),
        ("kinds", "Выберите вариант."),
        ("agree", "Отметьте, чтобы продолжить."),
    ],
)
def test_an_empty_required_field_says_what_to_do(field: str, sentence: str):
    assert SampleForm({}).errors[field] == [sentence]


def test_an_own_message_of_a_field_wins():
    class Own(PortalForm):
        name = forms.CharField(error_messages={"required": "Без фамилии заявление не принять."})

    assert Own({}).errors["name"] == ["Без фамилии заявление не принять."]


def test_optional_fields_are_marked_in_words_and_required_ones_are_not():
    html = rendered(SampleForm())
    assert html.count("(необязательно)") == 2
    assert "*" not in html


def test_a_group_of_boxes_is_a_fieldset_with_its_legend():
    html = rendered(SampleForm())
    assert "<legend" in html and "Выдвижение" in html
    assert html.count('type="checkbox"') == 3


def test_the_button_bears_the_label_of_the_form_and_cancel_leads_back():
    html = rendered(SampleForm())
    assert ">Подать</button>" in html
    assert 'href="/back/"' in html


def test_fieldsets_give_headings_and_keep_every_named_field():
    class Parted(SampleForm):
        fieldsets = (("О вас", ["name", "born"]), ("Прочее", ["points", "count", "kinds", "agree"]))

    html = rendered(Parted())
    assert "<legend>О вас</legend>" in html and "<legend>Прочее</legend>" in html
    assert 'name="agree"' in html


def test_what_a_person_typed_is_escaped():
    html = rendered(SampleForm({**GOOD, "name": '"><script>alert(1)</script>'}))
    assert "<script>" not in html
