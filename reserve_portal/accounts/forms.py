from typing import Any

from django import forms
from django.http import HttpRequest


class SignupNamesForm(forms.Form):
    """What a candidate gives beside address and password when signing up."""

    last_name = forms.CharField(label="Фамилия", max_length=100)
    first_name = forms.CharField(label="Имя", max_length=100)
    patronymic = forms.CharField(label="Отчество", max_length=100, required=False, help_text="Если есть")

    field_order = ["last_name", "first_name", "patronymic", "email", "password1", "password2"]

    def signup(self, request: HttpRequest, user: Any) -> None:
        """Called by allauth after the account was made: the adapter stored the names already."""
