"""Numbers without gaps and issued papers that never change."""

from django.conf import settings
from django.db import models
from django.db.models.fields.files import FieldFile

from reserve_portal.core import clock
from reserve_portal.core.models import AboutSubject, SubjectQuerySet

from .enums import Integrity, SignatureForm, Trust


class NumberSequence(models.Model):
    """The last number given in one series; locked while a number is taken, so series have no gap and no double."""

    key = models.CharField("Ряд", max_length=120, unique=True)
    last = models.PositiveIntegerField("Последний номер", default=0)

    class Meta:
        verbose_name = "Ряд номеров"
        verbose_name_plural = "Ряды номеров"

    def __str__(self) -> str:
        return f"{self.key}: {self.last}"


def paper_path(paper: "IssuedPaper", filename: str) -> str:
    """Papers lie under a name of our own that tells nothing."""
    return f"papers/{clock.today():%Y/%m}/{filename}"


class IssuedPaperQuerySet(SubjectQuerySet):
    def to_be_made(self) -> "IssuedPaperQuerySet":
        """Papers that are issued and have no file yet."""
        return self.exclude(html="")


class IssuedPaper(AboutSubject):
    """An issued paper: number, date, who issued it, the file and its SHA-256. Never regenerated.

    Issuing freezes its words (`html`); the file is made from them right after, in the background or by who first
    opens it, so that nobody's transaction waits for the layout. Once it is made, the words are dropped.
    """

    kind = models.CharField("Вид", max_length=40)
    number = models.CharField("Номер", max_length=60)
    title = models.CharField("Заголовок", max_length=300)
    dated = models.DateField("Дата")
    issued_at = models.DateTimeField("Выдан", default=clock.now)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="Кем выдан", related_name="+"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="О ком",
        related_name="papers",
    )
    html = models.TextField("Текст до печати", blank=True)
    stored = models.FileField("Файл", upload_to=paper_path, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    size = models.PositiveIntegerField("Размер, байт", null=True)
    check_code = models.CharField("Код проверки", max_length=16, unique=True)

    objects = IssuedPaperQuerySet.as_manager()

    class Meta:
        verbose_name = "Выданный документ"
        verbose_name_plural = "Выданные документы"
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["kind", "number"], name="paper_number_once_per_kind")]
        indexes = [
            models.Index(fields=["content_type", "object_id"]),
            models.Index(fields=["id"], condition=~models.Q(html=""), name="paper_to_be_made"),
        ]

    def __str__(self) -> str:
        return f"{self.title} № {self.number} от {self.dated:%d.%m.%Y}"

    @property
    def file(self) -> FieldFile:
        """The PDF; made now if nobody has made it yet. Raises FetchRefused for a paper that cannot be made."""
        if self.html:
            from .making import make_paper

            make_paper(self)
        return self.stored


class TrustedRoot(models.Model):
    """A root certificate that the administrator trusts; signatures whose certificates lead to it are trusted."""

    name = models.CharField("Владелец", max_length=300)
    certificate = models.BinaryField("Сертификат")
    fingerprint = models.CharField("Отпечаток SHA-256", max_length=64, unique=True)
    valid_from = models.DateTimeField("Действует с")
    valid_until = models.DateTimeField("Действует по")
    is_active = models.BooleanField("Доверять", default=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="Загрузил", related_name="+"
    )
    added_at = models.DateTimeField("Загружен", default=clock.now)

    class Meta:
        verbose_name = "Корневой сертификат"
        verbose_name_plural = "Корневые сертификаты"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PaperSignature(models.Model):
    """A signature under an issued paper, as it was checked when it came; never changed, a new one is added."""

    paper = models.ForeignKey(IssuedPaper, models.PROTECT, related_name="signatures")
    form = models.CharField("Вид", max_length=10, choices=SignatureForm.choices)
    signer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="Кто подписал", related_name="+"
    )
    signer_name = models.CharField("ФИО подписавшего", max_length=310, blank=True)
    file = models.FileField("Файл", upload_to="signatures/%Y/%m")
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveIntegerField("Размер, байт")
    integrity = models.CharField("Целостность", max_length=10, choices=Integrity.choices, blank=True)
    reason = models.CharField("Пояснение", max_length=300, blank=True)
    trust = models.CharField("Доверие", max_length=12, choices=Trust.choices, blank=True)
    trust_reason = models.CharField("Пояснение о доверии", max_length=400, blank=True)
    certificate = models.JSONField("Сертификат", default=dict, blank=True)
    owner_fits = models.BooleanField("Сертификат подписавшего", default=False)
    signed_at = models.DateTimeField("Подписано", null=True, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="Загрузил", related_name="+"
    )
    added_at = models.DateTimeField("Загружена", default=clock.now)

    class Meta:
        verbose_name = "Подпись"
        verbose_name_plural = "Подписи"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_form_display()}: {self.signer_name or self.paper}"

    @property
    def tone(self) -> str:
        """Colour of the answer's badge."""
        tones = {Integrity.VALID.value: "success", Integrity.ALTERED.value: "danger"}
        return "success" if self.form == SignatureForm.SCAN else tones.get(self.integrity, "warning")
