"""Public texts that operators edit without a programmer."""

from django.db import models
from django.urls import reverse

from reserve_portal.core import clock

TEXT_HELP = "Абзацы отделяйте пустой строкой; строка с «— » станет пунктом списка, с «## » — подзаголовком."


class PublicPage(models.Model):
    """A text of the public site, in plain text with three marks, see the help of `body`."""

    slug = models.SlugField("Адрес", max_length=60, unique=True)
    title = models.CharField("Заголовок", max_length=200)
    body = models.TextField("Текст", help_text=TEXT_HELP)
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
