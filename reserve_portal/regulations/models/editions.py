"""Editions of a regulation: the rules in which regions differ, as data, each with its clause."""

from collections.abc import Callable, Hashable
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from reserve_portal.accounts.enums import Role
from reserve_portal.core import context
from reserve_portal.core.words import clause_in_words

from ..enums import ConsentKind, Decision, Direction, GroundKind, InstrumentKind, LinkForm, Majority, Unit
from ..parameters import SPECS, BadParameter, parse_parameter
from ..requirements import rule_problem

ANY_LEAP_YEAR = 2024
RULES = "rules-of-editions"


def remembered_rules(key: Hashable, read: Callable[[], Any]) -> Any:
    """Return `read()`, rules of editions read once in this unit of work, and anew after a change in it."""
    kept: dict[Hashable, Any] = context.remembered(RULES, dict)
    if key not in kept:
        kept[key] = read()
    return kept[key]


class RuleQuerySet(models.QuerySet):
    """Rules of editions: what a query changes is not remembered any longer."""

    def update(self, **values: Any) -> int:
        context.forget(RULES)
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        context.forget(RULES)
        return super().delete()

    def bulk_create(self, *args: Any, **options: Any) -> list[Any]:
        context.forget(RULES)
        return super().bulk_create(*args, **options)


class Edition(models.Model):
    """One edition of a region's regulation; frozen once a campaign has opened under it."""

    code = models.SlugField("Код", max_length=60, unique=True)
    name = models.CharField("Название", max_length=250)
    region_name = models.CharField("Регион", max_length=150)
    region_in = models.CharField("Регион в родительном падеже", max_length=150)
    region_code = models.CharField("Код региона", max_length=3)
    time_zone = models.CharField("Часовой пояс", max_length=40)
    city = models.CharField("Место составления документов", max_length=100)
    operator_name = models.CharField("Оператор", max_length=300)
    operator_short = models.CharField("Оператор кратко", max_length=60)
    authority_name = models.CharField("Орган управления образованием", max_length=300)
    authority_short = models.CharField("Орган кратко", max_length=100)
    source = models.TextField("Основание")
    in_force = models.BooleanField("Действует", default=False)
    frozen_at = models.DateTimeField("Закреплена", null=True, blank=True, editable=False)
    based_on = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name="Создана из", editable=False
    )

    class Meta:
        verbose_name = "Редакция порядка"
        verbose_name_plural = "Редакции порядка"
        ordering = ["-in_force", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["in_force"],
                condition=Q(in_force=True),
                name="one_edition_in_force",
                violation_error_message="Действовать может только одна редакция.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_frozen(self) -> bool:
        return self.frozen_at is not None

    def value(self, key: str) -> Any:
        """Return parameter `key` in its own type (Decimal, int, bool, str, tuple); raises LookupError if missing."""
        stored = remembered_rules(
            ("parameters", self.pk), lambda: dict(self.parameters.values_list("key", "value"))
        )
        if key not in stored:
            raise LookupError(f"В редакции «{self.code}» нет параметра «{key}»")
        return parse_parameter(key, stored[key])

    def limits_started_by(self, event: str) -> list["TimeLimit"]:
        """Return the edition's time limits that `event` starts, in their order."""
        limits = TimeLimit.remembered()
        return [limit for limit in limits if limit.edition_id == self.pk and limit.starts == event]

    def clean(self) -> None:
        if self.time_zone not in available_timezones():
            raise ValidationError({"time_zone": "Неизвестный часовой пояс. Пример: Asia/Tomsk."})

    def clause(self, key: str) -> str:
        """Return the clause behind parameter `key`, in words."""
        return clause_in_words(self.parameters.get(key=key).clause)


class EditionRow(models.Model):
    """A rule of an edition, with its clause."""

    clause = models.CharField("Пункт", max_length=100, blank=True)

    objects = RuleQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        context.forget(RULES)
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        context.forget(RULES)
        return super().delete(*args, **options)


class Parameter(EditionRow):
    edition = models.ForeignKey(Edition, models.CASCADE, related_name="parameters")
    key = models.CharField(
        "Параметр", max_length=60, choices=[(key, spec.label) for key, spec in SPECS.items()]
    )
    value = models.JSONField("Значение", null=True, blank=True)

    class Meta:
        verbose_name = "Параметр"
        verbose_name_plural = "Параметры"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "key"],
                name="parameter_once_per_edition",
                violation_error_message="Этот параметр в редакции уже есть.",
            )
        ]

    def __str__(self) -> str:
        return SPECS[self.key].label if self.key in SPECS else self.key

    def clean(self) -> None:
        if self.key not in SPECS:
            return  # the field's own choices refuse it
        try:
            parse_parameter(self.key, self.value)
        except BadParameter as error:
            raise ValidationError({"value": f"{self}: {error}."}) from None


class CodedRow(EditionRow):
    code = models.SlugField("Код", max_length=60)
    order = models.PositiveSmallIntegerField("Порядок", default=0)

    class Meta:
        abstract = True
        ordering = ["order", "pk"]


class TargetGroup(CodedRow):
    edition = models.ForeignKey(Edition, models.CASCADE, related_name="target_groups")
    name = models.CharField("Название", max_length=300)

    class Meta(CodedRow.Meta):
        verbose_name = "Целевая группа"
        verbose_name_plural = "Целевые группы"
        constraints = [
            models.UniqueConstraint(fields=["edition", "code"], name="target_group_once_per_edition")
        ]

    def __str__(self) -> str:
        return self.name


class DocumentType(CodedRow):
    edition = models.ForeignKey(Edition, models.CASCADE, related_name="document_types")
    name = models.CharField("Название", max_length=250)
    hint = models.TextField("Подсказка", blank=True)
    required = models.BooleanField("Обязателен", default=True)
    only_for_nomination = models.CharField(
        "Обязателен только при выдвижении",
        max_length=60,
        blank=True,
        help_text="Виды выдвижения через запятую.",
    )

    only_for_return = models.BooleanField("Только для исключённых ранее", default=False)

    class Meta(CodedRow.Meta):
        verbose_name = "Документ пакета"
        verbose_name_plural = "Документы пакета"
        constraints = [
            models.UniqueConstraint(fields=["edition", "code"], name="document_type_once_per_edition")
        ]

    def __str__(self) -> str:
        return self.name

    def is_required_for(self, nominations: list[str]) -> bool:
        """Say whether the package of a person nominated in these ways needs the document."""
        if not self.only_for_nomination:
            return self.required
        return self.required and bool(
            {part.strip() for part in self.only_for_nomination.split(",")} & set(nominations)
        )


class Requirement(CodedRow):
    edition = models.ForeignKey(Edition, models.CASCADE, related_name="requirements")
    title = models.CharField("Требование", max_length=250)
    rule = models.JSONField("Правило", help_text="Дерево условий, см. docs/regulations.md.")

    class Meta(CodedRow.Meta):
        verbose_name = "Требование к кандидату"
        verbose_name_plural = "Требования к кандидатам"
        constraints = [
            models.UniqueConstraint(fields=["edition", "code"], name="requirement_once_per_edition")
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        problem = rule_problem(self.rule)
        if problem:
            raise ValidationError({"rule": problem})


class Ground(CodedRow):
    edition = models.ForeignKey(Edition, models.CASCADE, related_name="grounds")
    kind = models.CharField("Для чего", max_length=20, choices=GroundKind.choices)
    text = models.CharField("Основание", max_length=300)

    class Meta(CodedRow.Meta):
        verbose_name = "Основание"
        verbose_name_plural = "Основания"
        constraints = [
            models.UniqueConstraint(fields=["edition", "kind", "code"], name="ground_once_per_edition")
        ]

    def __str__(self) -> str:
        return self.text


class BodyRule(CodedRow):
    """How a body decides: quorum as a share of its members, majority, casting vote."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="body_rules")
    name = models.CharField("Название", max_length=300)
    name_in = models.CharField("Название в родительном падеже", max_length=300)
    quorum_percent = models.DecimalField("Кворум, % состава", max_digits=5, decimal_places=2, default=50)
    quorum_strict = models.BooleanField("Больше этой доли (а не равно)", default=True)
    chair_needed = models.BooleanField("Нужен председатель или заместитель", default=True)
    majority = models.CharField(
        "Большинство", max_length=12, choices=Majority.choices, default=Majority.SIMPLE
    )
    casting_vote = models.BooleanField("При равенстве решает председательствующий", default=True)
    substitutes = models.BooleanField("Допускаются замещающие", default=True)

    class Meta(CodedRow.Meta):
        verbose_name = "Правила органа"
        verbose_name_plural = "Правила органов"
        constraints = [
            models.UniqueConstraint(fields=["edition", "code"], name="body_rule_once_per_edition"),
            models.CheckConstraint(
                condition=Q(quorum_percent__gt=0, quorum_percent__lte=100),
                name="body_rule_quorum_in_bounds",
                violation_error_message="Кворум — больше 0 и не больше 100 %%.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ChainLink(EditionRow):
    """One link of the chain of bodies behind a decision; the effect comes after the last link."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="chain_links")
    decision = models.CharField("Решение", max_length=20, choices=Decision.choices)
    order = models.PositiveSmallIntegerField("Порядок", default=1)
    body = models.SlugField("Орган", max_length=60)
    form = models.CharField("Форма", max_length=10, choices=LinkForm.choices, default=LinkForm.MEETING)

    class Meta:
        verbose_name = "Звено принятия решения"
        verbose_name_plural = "Кто принимает решения"
        ordering = ["decision", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "decision", "order"], name="chain_link_once_per_edition"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_decision_display()}: {self.order}. {self.body}"


class SectionRule(CodedRow):
    """A direction of the assessment that the edition proposes to every procedure (T3)."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="section_rules")
    name = models.CharField("Направление", max_length=250)
    kind = models.CharField("Вид", max_length=12, choices=InstrumentKind.choices, default=InstrumentKind.TEST)
    maximum = models.DecimalField("Максимум баллов", max_digits=8, decimal_places=2)
    weight = models.DecimalField("Вес", max_digits=5, decimal_places=2, default=Decimal(1))

    class Meta(CodedRow.Meta):
        verbose_name = "Направление оценки"
        verbose_name_plural = "Направления оценки"
        constraints = [
            models.UniqueConstraint(fields=["edition", "code"], name="section_rule_once_per_edition"),
            models.CheckConstraint(
                condition=Q(maximum__gt=0),
                name="section_rule_maximum_positive",
                violation_error_message="Максимум баллов — больше нуля.",
            ),
            models.CheckConstraint(
                condition=Q(weight__gt=0),
                name="section_rule_weight_positive",
                violation_error_message="Вес — больше нуля.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ConsentText(EditionRow):
    """The text of one consent; a new version is a new row, given consents keep theirs."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="consent_texts")
    kind = models.CharField("Вид", max_length=15, choices=ConsentKind.choices)
    version = models.PositiveSmallIntegerField("Версия", default=1)
    title = models.CharField("Заголовок", max_length=250)
    text = models.TextField("Текст")
    required = models.BooleanField("Без него заявление не принимается", default=True)

    class Meta:
        verbose_name = "Текст согласия"
        verbose_name_plural = "Тексты согласий"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "kind", "version"], name="consent_text_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.title} (версия {self.version})"


class TimeLimit(CodedRow):
    """A time limit as a rule: which event starts it, which closes it, how long, who answers for it."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="time_limits")
    title = models.CharField("Что должно быть сделано", max_length=250)
    starts = models.CharField("Начинает событие", max_length=60)
    closes = models.CharField("Закрывает событие", max_length=60)
    amount = models.PositiveSmallIntegerField("Сколько", default=0)
    unit = models.CharField("Единица", max_length=15, choices=Unit.choices)
    direction = models.CharField("Счёт", max_length=6, choices=Direction.choices, default=Direction.AFTER)
    month = models.PositiveSmallIntegerField("Месяц даты", null=True, blank=True)
    day = models.PositiveSmallIntegerField("День даты", null=True, blank=True)
    responsible = models.CharField("Кто отвечает", max_length=20, choices=Role.choices)

    class Meta(CodedRow.Meta):
        verbose_name = "Срок"
        verbose_name_plural = "Сроки"
        constraints = [
            models.UniqueConstraint(fields=["edition", "code"], name="time_limit_once_per_edition"),
            models.CheckConstraint(
                # Null passes a check, so it is named.
                condition=~Q(unit=Unit.FIXED_DATE)
                | Q(
                    month__isnull=False,
                    day__isnull=False,
                    month__gte=1,
                    month__lte=12,
                    day__gte=1,
                    day__lte=31,
                ),
                name="time_limit_fixed_date_complete",
                violation_error_message="Для срока к дате года укажите месяц и день.",
            ),
            models.CheckConstraint(
                condition=~Q(unit=Unit.QUARTER_DAY) | Q(day__isnull=False, day__gte=1, day__lte=31),
                name="time_limit_quarter_day_complete",
                violation_error_message="Для срока к числу третьего месяца квартала укажите день.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @staticmethod
    def remembered() -> list["TimeLimit"]:
        """The limits of all editions in their order, read once in a unit of work."""
        limits: list[TimeLimit] = remembered_rules("time limits", lambda: list(TimeLimit.objects.all()))
        return limits

    def clean(self) -> None:
        if self.unit == Unit.FIXED_DATE:
            try:
                date(ANY_LEAP_YEAR, self.month or 0, self.day or 0)
            except ValueError:
                raise ValidationError({"day": "Такого дня в году нет: укажите месяц и день."}) from None
        elif self.direction == Direction.BEFORE and self.unit not in (Unit.WORKING_DAYS, Unit.WEEKS):
            raise ValidationError({"unit": "Назад от события срок считается в рабочих днях или неделях."})
