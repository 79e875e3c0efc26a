from django import forms

from reserve_portal.core.accessibility import CHOICES, LABELS
from reserve_portal.core.forms import PortalForm


class ReadingForm(PortalForm):
    """All settings of the version for the weak-sighted; the panel of each page sends single ones."""

    submit_label = "Сохранить настройки"

    size = forms.ChoiceField(
        label=LABELS["size"], choices=list(CHOICES["size"].items()), widget=forms.RadioSelect
    )
    scheme = forms.ChoiceField(
        label=LABELS["scheme"], choices=list(CHOICES["scheme"].items()), widget=forms.RadioSelect
    )
    letters = forms.ChoiceField(
        label=LABELS["letters"], choices=list(CHOICES["letters"].items()), widget=forms.RadioSelect
    )
    lines = forms.ChoiceField(
        label=LABELS["lines"], choices=list(CHOICES["lines"].items()), widget=forms.RadioSelect
    )
    images = forms.ChoiceField(
        label=LABELS["images"], choices=list(CHOICES["images"].items()), widget=forms.RadioSelect
    )
    face = forms.ChoiceField(
        label=LABELS["face"], choices=list(CHOICES["face"].items()), widget=forms.RadioSelect
    )
    next = forms.CharField(widget=forms.HiddenInput, required=False)
