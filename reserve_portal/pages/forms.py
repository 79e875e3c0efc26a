from typing import Any

from django import forms

from reserve_portal.core.accessibility import CHOICES, LABELS
from reserve_portal.core.forms import PortalForm

from .models import Material, PublicPage

MAX_MATERIAL = 50 * 1024 * 1024
HEADS = {"pdf": b"%PDF-"}
ARCHIVE_HEAD = b"PK\x03\x04"  # documents of office programs are archives


class PageForm(forms.ModelForm):
    """What is being written; it begins with what the public sees."""

    class Meta:
        model = PublicPage
        fields = ("slug", "draft_title", "draft_body", "order")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        page = self.instance
        if not page.draft_title and not page.draft_body:
            self.initial = {**self.initial, "draft_title": page.title, "draft_body": page.body}
        for name in {"draft_title", "draft_body"} & set(self.fields):
            self.fields[name].required = True


class MaterialForm(forms.ModelForm):
    """A file of the public site: its first bytes must be those of the kind that its name says."""

    class Meta:
        model = Material
        fields = ("title", "kind", "description", "file", "published_on", "order", "is_published")

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if "file" not in self.changed_data or not file:
            return file
        if file.size > MAX_MATERIAL:
            raise forms.ValidationError("Файл больше 50 МБ.")
        extension = file.name.rsplit(".", 1)[-1].lower()
        head = file.read(8)
        file.seek(0)
        if not head.startswith(HEADS.get(extension, ARCHIVE_HEAD)):
            raise forms.ValidationError("Содержимое файла не отвечает его имени: сохраните документ заново.")
        return file


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
