"""The package: one slot per document type with its own verdict, files stored the moment they are chosen, consents."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from reserve_portal.core import clock
from reserve_portal.regulations.models import ConsentText, DocumentType, Ground

from ..enums import Prohibition, PublishedItem, ScanState, Verdict
from .applications import Application
from .quarantine import Quarantined


class PackageItem(models.Model):
    application = models.ForeignKey(Application, models.CASCADE, related_name="items")
    document_type = models.ForeignKey(DocumentType, models.PROTECT, verbose_name="Документ")
    verdict = models.CharField("Проверка", max_length=10, choices=Verdict.choices, default=Verdict.PENDING)
    ground = models.ForeignKey(
        Ground, models.PROTECT, null=True, blank=True, verbose_name="Причина", related_name="+"
    )
    words = models.TextField("Пояснение оператора", blank=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField("Проверен", null=True, blank=True)

    class Meta:
        verbose_name = "Документ пакета"
        verbose_name_plural = "Документы пакета"
        ordering = ["document_type__order"]
        constraints = [
            models.UniqueConstraint(fields=["application", "document_type"], name="item_once_per_type")
        ]

    def __str__(self) -> str:
        return str(self.document_type)

    def current_files(self) -> models.QuerySet["PackageFile"]:
        return self.files.filter(removed_at=None)


class ItemVerdict(models.Model):
    """A verdict as it was given, with the files it was given on; a replaced file is judged anew, this stays."""

    item = models.ForeignKey(PackageItem, models.CASCADE, related_name="verdicts")
    verdict = models.CharField("Проверка", max_length=10, choices=Verdict.choices)
    ground = models.ForeignKey(Ground, models.PROTECT, null=True, verbose_name="Причина", related_name="+")
    words = models.TextField("Пояснение оператора", blank=True)
    files = models.JSONField("Файлы", default=list)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField("Когда", default=clock.now)

    class Meta:
        verbose_name = "Решение по документу"
        verbose_name_plural = "Решения по документам"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} ({clock.local(self.reviewed_at):%d.%m.%Y %H:%M})"


def package_path(row: "PackageFile", filename: str) -> str:
    """Files lie under a random name of our own; the person's name for it is only a field."""
    return f"packages/{clock.today():%Y/%m}/{filename}"


class PackageFile(Quarantined):
    item = models.ForeignKey(PackageItem, models.CASCADE, related_name="files")
    file = models.FileField("Файл", upload_to=package_path)
    original_name = models.CharField("Имя файла", max_length=160)
    kind = models.CharField("Вид", max_length=5)
    content_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField("Размер, байт")
    pages = models.PositiveSmallIntegerField("Страниц", default=1)
    sha256 = models.CharField("SHA-256", max_length=64)
    position = models.PositiveSmallIntegerField("Место в документе", default=0)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField("Загружен", default=clock.now)
    # A replaced file stays: what the operator saw then can be seen again.
    removed_at = models.DateTimeField("Заменён или удалён", null=True, blank=True)

    class Meta:
        verbose_name = "Файл"
        verbose_name_plural = "Файлы"
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        """The name for everybody but the person who sent it: none before the scanner's verdict."""
        return "файл проверяется на вирусы" if self.scan == ScanState.WAITING else self.original_name


def consent_path(row: "Consent", filename: str) -> str:
    """Scans of consents lie under a random name of our own."""
    return f"consents/{clock.today():%Y/%m}/{filename}"


class Consent(Quarantined):
    """One consent: its own document, version, time, address, withdrawal (152-FZ, art. 9).

    The scan of one given on paper goes through quarantine; when it is infected, there is no proof and no consent.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="consents")
    text = models.ForeignKey(ConsentText, models.PROTECT, verbose_name="Текст")
    given_at = models.DateTimeField("Дано", default=clock.now)
    address = models.GenericIPAddressField("Адрес", null=True, blank=True)
    withdrawn_at = models.DateTimeField("Отозвано", null=True, blank=True)
    # Of a consent to dissemination alone: what may be published, and what others may not do with it.
    items = models.JSONField("Что можно публиковать", default=list, blank=True)
    prohibitions = models.JSONField("Что запрещено другим", default=list, blank=True)
    # A consent given on paper: its scan is the proof, and who entered it.
    proof = models.FileField("Скан", upload_to=consent_path, blank=True)
    proof_kind = models.CharField(max_length=5, blank=True)
    proof_sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "Согласие"
        verbose_name_plural = "Согласия"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "text"], condition=Q(withdrawn_at=None), name="consent_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.text)

    @property
    def items_in_words(self) -> list[str]:
        return [str(PublishedItem(item).label) for item in self.items]

    @property
    def prohibitions_in_words(self) -> list[str]:
        return [str(Prohibition(item).label) for item in self.prohibitions]

    @staticmethod
    def given_by(user: Any, kind: str) -> models.QuerySet["Consent"]:
        """Consents of this kind in force."""
        return Consent.objects.filter(user=user, text__kind=kind, withdrawn_at=None)
