"""Rows of the machinery: the clock, the working calendar, the log of states, long work."""

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from . import clock
from .enums import JobState


class ClockOffset(models.Model):
    """How far the portal's clock stands from the true one; a single row, outside production only."""

    seconds = models.FloatField("Сдвиг, секунд", default=0)

    class Meta:
        verbose_name = "Сдвиг часов"
        verbose_name_plural = "Сдвиг часов"

    def __str__(self) -> str:
        return f"{self.seconds:+.0f} с"


class Heartbeat(models.Model):
    """When the background processes last said that they live, for the health page."""

    name = models.CharField("Кто", max_length=30, unique=True)
    at = models.DateTimeField("Когда")

    class Meta:
        verbose_name = "Отметка о работе"
        verbose_name_plural = "Отметки о работе"

    def __str__(self) -> str:
        return f"{self.name}: {clock.local(self.at):%d.%m.%Y %H:%M:%S}"


class CalendarYear(models.Model):
    """A year whose working calendar is loaded; without it no legal date of the year is computed."""

    year = models.PositiveSmallIntegerField(
        "Год", unique=True, validators=[MinValueValidator(2000), MaxValueValidator(2100)]
    )
    source = models.CharField("Основание", max_length=250, blank=True)

    class Meta:
        verbose_name = "Год производственного календаря"
        verbose_name_plural = "Производственный календарь: годы"
        ordering = ["-year"]

    def __str__(self) -> str:
        return str(self.year)


class CalendarDay(models.Model):
    """A day that differs from the plain five-day week."""

    day = models.DateField("День", unique=True)
    is_working = models.BooleanField("Рабочий")
    note = models.CharField("Пояснение", max_length=250, blank=True)

    class Meta:
        verbose_name = "Особый день календаря"
        verbose_name_plural = "Производственный календарь: особые дни"
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day:%d.%m.%Y} — {'рабочий' if self.is_working else 'нерабочий'}"


class AboutSubject(models.Model):
    """A row about some other row, whatever its kind."""

    content_type = models.ForeignKey(
        ContentType,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,  # each kind of rows has one with the object; the kind alone finds nothing
    )
    object_id = models.PositiveBigIntegerField(null=True, blank=True)
    subject = GenericForeignKey("content_type", "object_id")

    class Meta:
        abstract = True


class SubjectQuerySet(models.QuerySet):
    def about_kind(self, model: type[models.Model]):
        """Rows about objects of `model`."""
        return self.filter(content_type=ContentType.objects.get_for_model(model))

    def about(self, obj: models.Model):
        """Rows about `obj`."""
        return self.filter(content_type=ContentType.objects.get_for_model(obj), object_id=obj.pk)


class TransitionLog(AboutSubject):
    """One change of state: who, when, from, to, why. Written by the workflow seam alone, never edited."""

    workflow = models.CharField("Процесс", max_length=60)
    transition = models.CharField("Действие", max_length=60)
    label = models.CharField("Название", max_length=150)
    from_state = models.CharField("Из", max_length=40, blank=True)
    to_state = models.CharField("В", max_length=40)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="Кто", related_name="+"
    )
    reason = models.TextField("Почему", blank=True)
    at = models.DateTimeField("Когда", default=clock.now)

    objects = SubjectQuerySet.as_manager()

    class Meta:
        verbose_name = "Изменение состояния"
        verbose_name_plural = "Изменения состояний"
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["content_type", "object_id", "at"])]

    def __str__(self) -> str:
        return f"{self.label} ({clock.local(self.at):%d.%m.%Y %H:%M})"


class Job(models.Model):
    """Long work as a row: claimed with a lease, run as a subprocess, done once."""

    kind = models.CharField("Вид", max_length=60)
    key = models.CharField("Ключ", max_length=200, unique=True)
    title = models.CharField("Название", max_length=200)
    params = models.JSONField("Параметры", default=dict)
    state = models.CharField("Состояние", max_length=12, choices=JobState.choices, default=JobState.QUEUED)
    done = models.PositiveIntegerField("Сделано", default=0)
    total = models.PositiveIntegerField("Всего", default=0)
    attempts = models.PositiveSmallIntegerField("Попыток", default=0)
    lease_token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    error = models.TextField("Ошибка", blank=True)
    result = models.JSONField("Итог", default=dict)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="Кто поставил", related_name="+"
    )
    created_at = models.DateTimeField("Поставлена", default=clock.now)
    finished_at = models.DateTimeField("Закончена", null=True, blank=True)

    class Meta:
        verbose_name = "Задание"
        verbose_name_plural = "Задания"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "lease_until"])]

    def __str__(self) -> str:
        return self.title

    @property
    def percent(self) -> int:
        """Progress, 0 to 100."""
        return self.done * 100 // self.total if self.total else 0


def job_file_path(row: "JobFile", filename: str) -> str:
    """What a job made lies under a random name of our own."""
    return f"jobs/{filename}"


class JobFile(models.Model):
    """A file that a job made for whoever asked for it; it is destroyed after its day."""

    job = models.OneToOneField(Job, models.CASCADE, related_name="file")
    file = models.FileField("Файл", upload_to=job_file_path)
    name = models.CharField("Имя", max_length=200)
    size = models.PositiveBigIntegerField("Размер, байт")
    expires_at = models.DateTimeField("Хранится до", db_index=True)

    class Meta:
        verbose_name = "Файл задания"
        verbose_name_plural = "Файлы заданий"

    def __str__(self) -> str:
        return self.name


class SavedFilter(models.Model):
    """A way to look at a list of the workplace that a person keeps, and may show to the others."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="Чей", related_name="saved_filters"
    )
    model = models.CharField("Список", max_length=100)
    name = models.CharField("Название", max_length=60)
    query = models.CharField("Отбор", max_length=1000)
    is_shared = models.BooleanField("Виден всем сотрудникам", default=False)

    class Meta:
        verbose_name = "Сохранённый отбор"
        verbose_name_plural = "Сохранённые отборы"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "model", "name"],
                name="filter_name_once",
                violation_error_message="Отбор с таким названием у вас уже есть.",
            )
        ]
        indexes = [models.Index(fields=["model"])]

    def __str__(self) -> str:
        return self.name
