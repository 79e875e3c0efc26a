"""Public texts and files that operators edit without a programmer."""

from django.core.validators import FileExtensionValidator
from django.db import models
from django.urls import reverse

from reserve_portal.core import clock

TEXT_HELP = "Абзацы отделяйте пустой строкой; строка с «— » станет пунктом списка, с «## » — подзаголовком."


class PublicPage(models.Model):
    """A text of the public site, in plain text with three marks, see the help of `body`."""

    slug = models.SlugField("Адрес", max_length=60, unique=True)
    title = models.CharField("Заголовок", max_length=200)
    body = models.TextField("Текст", help_text=TEXT_HELP)
    # What operators are writing; the public sees `title` and `body` until it is published.
    draft_title = models.CharField("Заголовок", max_length=200, blank=True)
    draft_body = models.TextField("Текст", blank=True, help_text=TEXT_HELP)
    order = models.PositiveSmallIntegerField("Порядок", default=0)
    is_published = models.BooleanField("Опубликована", default=True)

    class Meta:
        verbose_name = "Страница сайта"
        verbose_name_plural = "Страницы сайта"
        ordering = ["order", "title"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("pages:page", args=[self.slug])

    @property
    def has_draft(self) -> bool:
        """Whether something was written that the public does not see yet."""
        if not self.draft_title and not self.draft_body:
            return not self.is_published
        return (self.draft_title, self.draft_body) != (self.title, self.body) or not self.is_published


class MaterialKind(models.TextChoices):
    METHODICAL = "methodical", "методические материалы"
    QUESTIONS = "questions", "примерные вопросы и задания"
    ANALYTIC = "analytic", "аналитика и отчёты"
    DOCUMENT = "document", "нормативные документы"


MATERIAL_EXTENSIONS = ("pdf", "docx", "xlsx", "pptx", "odt", "ods", "odp")


class Material(models.Model):
    """A file for everybody to download: methodical, sample questions, analytic (O1.12)."""

    title = models.CharField("Название", max_length=200)
    kind = models.CharField("Раздел", max_length=12, choices=MaterialKind.choices)
    description = models.TextField("О чём", blank=True)
    file = models.FileField(
        "Файл",
        upload_to="materials/%Y/",
        validators=[FileExtensionValidator(MATERIAL_EXTENSIONS)],
        help_text="PDF или документ Word, Excel, PowerPoint, LibreOffice, до 50 МБ.",
    )
    size = models.PositiveIntegerField("Размер, байт", default=0, editable=False)
    published_on = models.DateField("Дата", default=clock.today)
    order = models.PositiveSmallIntegerField("Порядок", default=0)
    is_published = models.BooleanField("Опубликован", default=True)

    class Meta:
        verbose_name = "Материал"
        verbose_name_plural = "Материалы"
        ordering = ["kind", "order", "-published_on", "-pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("pages:material", args=[self.pk])


class NewsItem(models.Model):
    """A piece of news."""

    title = models.CharField("Заголовок", max_length=200)
    body = models.TextField("Текст", help_text=TEXT_HELP)
    published_on = models.DateField("Дата", default=clock.today)
    is_published = models.BooleanField("Опубликована", default=True)

    class Meta:
        verbose_name = "Новость"
        verbose_name_plural = "Новости"
        ordering = ["-published_on", "-pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("pages:news_item", args=[self.pk])
