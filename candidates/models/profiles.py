"""What a person tells about himself or herself; frozen into the application when it is submitted."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from reserve_portal.accounts.models import Municipality
from reserve_portal.core import clock
from reserve_portal.core.crypto import SealedField

from ..enums import AchievementKind, EducationField, EducationLevel, EmploymentKind


class Profile(models.Model):
    """The questionnaire. `version` grows with every saved change, so that two tabs never overwrite each other."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="profile")
    version = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField("Сохранено", default=clock.now)
    former_names = models.CharField("Прежние фамилии", max_length=250, blank=True)
    birth_date = models.DateField("Дата рождения", null=True, blank=True)
    citizenship = models.CharField(
        "Гражданство", max_length=2, blank=True, choices=[("RU", "Российская Федерация"), ("XX", "другое")]
    )
    snils = SealedField("СНИЛС", blank=True, default="")
    phone = models.CharField("Телефон", max_length=20, blank=True)
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, verbose_name="Муниципальное образование"
    )
    organisation_name = models.CharField("Место работы", max_length=250, blank=True)
    post = models.CharField("Должность", max_length=250, blank=True)
    post_since = models.DateField("В этой должности с", null=True, blank=True)
    degree = models.CharField("Учёная степень, учёное звание", max_length=150, blank=True)
    category = models.CharField("Квалификационная категория", max_length=100, blank=True)
    achievements = models.TextField("Коротко о главном в вашей работе", blank=True)
    no_criminal_record = models.BooleanField("Судимости и ограничений на работу с детьми нет", null=True)
    state_language = models.BooleanField("Владею русским языком", null=True)
    ready_to_move = models.BooleanField("Готов(а) к переезду в другое муниципальное образование", null=True)
    wanted_places = models.CharField(
        "Куда готовы переехать",
        max_length=500,
        blank=True,
        help_text="Территории, виды организаций — по желанию.",
    )

    class Meta:
        verbose_name = "Анкета"
        verbose_name_plural = "Анкеты"

    def __str__(self) -> str:
        return f"Анкета: {self.user}"


class Education(models.Model):
    """One diploma: higher education or professional retraining."""

    profile = models.ForeignKey(Profile, models.CASCADE, related_name="education")
    level = models.CharField("Уровень", max_length=12, choices=EducationLevel.choices)
    field = models.CharField("Направление", max_length=12, choices=EducationField.choices)
    institution = models.CharField("Где", max_length=250)
    speciality = models.CharField("Специальность или программа", max_length=250)
    year = models.PositiveSmallIntegerField("Год окончания")
    diploma = models.CharField("Серия и номер диплома", max_length=60, blank=True)
    hours = models.PositiveSmallIntegerField("Часов (для переподготовки)", null=True, blank=True)

    class Meta:
        verbose_name = "Образование"
        verbose_name_plural = "Образование"
        ordering = ["year", "pk"]

    def __str__(self) -> str:
        return f"{self.get_level_display()}: {self.speciality}, {self.year}"


class Employment(models.Model):
    """One period of the work record."""

    profile = models.ForeignKey(Profile, models.CASCADE, related_name="employment")
    kind = models.CharField("Работа", max_length=10, choices=EmploymentKind.choices)
    organisation = models.CharField("Организация", max_length=250)
    post = models.CharField("Должность", max_length=250)
    since = models.DateField("С")
    until = models.DateField("По", null=True, blank=True, help_text="Пусто, если работаете сейчас.")

    class Meta:
        verbose_name = "Период работы"
        verbose_name_plural = "Трудовая деятельность"
        ordering = ["since", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="employment_runs_forward",
                violation_error_message="Конец работы раньше её начала.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.post}, {self.organisation}"


class Achievement(models.Model):
    """An award, a contest, a project, a publication or a course."""

    profile = models.ForeignKey(Profile, models.CASCADE, related_name="achievement_rows")
    kind = models.CharField("Что это", max_length=12, choices=AchievementKind.choices)
    title = models.CharField("Название", max_length=300)
    year = models.PositiveSmallIntegerField("Год")
    hours = models.PositiveSmallIntegerField("Часов (для повышения квалификации)", null=True, blank=True)
    details = models.CharField("Кем выдано, где опубликовано, результат", max_length=300, blank=True)

    class Meta:
        verbose_name = "Достижение"
        verbose_name_plural = "Достижения"
        ordering = ["-year", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.title}, {self.year}"
