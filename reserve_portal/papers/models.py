"""Numbers without gaps and issued papers that never change."""

from django.conf import settings
from django.db import models
from django.db.models.fields.files import FieldFile

from reserve_portal.core import clock
from reserve_portal.core.models import AboutSubject, SubjectQuerySet


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
