"""Somebody is nominated by an official or a head, and answers (T1)."""

from secrets import token_urlsafe
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import Municipality, Organisation
from reserve_portal.core import clock
from reserve_portal.regulations.models import TargetGroup

from ..enums import NominationKind, NominationState
from .applications import Application
from .campaigns import Campaign
from .quarantine import Quarantined


def letter_path(row: "Nomination", filename: str) -> str:
    """Letters of representation lie under a random name of our own."""
    return f"nominations/{clock.today():%Y/%m}/{filename}"


def new_token() -> str:
    """The secret part of an invitation's address."""
    return token_urlsafe(24)


class NominationQuerySet(models.QuerySet["Nomination"]):
    def visible_to(self, user: Any) -> "NominationQuerySet":
        """The own ones; an official sees those of the own municipality (process.md 12)."""
        seen = Q(nominator=user)
        if user.has_role(Role.MUNICIPAL) and user.municipality_id:
            seen |= Q(kind=NominationKind.MUNICIPALITY, municipality=user.municipality_id)
        return self.filter(seen)

    def waiting_for(self, user: Any) -> "NominationQuerySet":
        """Invitations sent to this person's address that may still be answered."""
        return self.filter(
            email__iexact=user.email,
            state=NominationState.INVITED,
            campaign__in=Campaign.objects.receiving(),
        )


class Nomination(Quarantined):
    """One nomination: by whom, of whom (an address, with or without an account), with the letter in quarantine."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, verbose_name="Набор", related_name="nominations")
    kind = models.CharField("Кто выдвигает", max_length=15, choices=NominationKind.choices)
    nominator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="Выдвигает", related_name="nominations"
    )
    # On whose behalf, as it was then.
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, verbose_name="Муниципальное образование"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, verbose_name="Организация"
    )
    email = models.EmailField("Адрес")
    last_name = models.CharField("Фамилия", max_length=100)
    first_name = models.CharField("Имя", max_length=100)
    patronymic = models.CharField("Отчество", max_length=100, blank=True)
    groups = models.ManyToManyField(TargetGroup, verbose_name="Целевые группы")
    letter = models.FileField("Письмо", upload_to=letter_path)
    letter_name = models.CharField("Имя файла", max_length=160)
    letter_kind = models.CharField("Вид файла", max_length=5)
    letter_pages = models.PositiveSmallIntegerField("Страниц", default=1)
    letter_sha256 = models.CharField("SHA-256", max_length=64)
    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    state = models.CharField(
        "Состояние", max_length=10, choices=NominationState.choices, default=NominationState.INVITED
    )
    application = models.ForeignKey(
        Application, models.PROTECT, null=True, blank=True, related_name="nomination_rows"
    )
    created_at = models.DateTimeField("Отправлено", default=clock.now)
    answered_at = models.DateTimeField("Ответ", null=True, blank=True)

    objects = NominationQuerySet.as_manager()

    class Meta:
        verbose_name = "Выдвижение"
        verbose_name_plural = "Выдвижения"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "nominator", "email"],
                condition=Q(state=NominationState.INVITED),
                name="nomination_asked_once",
                violation_error_message="Этому человеку приглашение уже отправлено.",
            )
        ]
        indexes = [models.Index(fields=["email"])]

    def __str__(self) -> str:
        return f"Выдвижение: {self.full_name}"

    @property
    def full_name(self) -> str:
        """Фамилия Имя Отчество, as the nominator wrote them."""
        return " ".join(part for part in (self.last_name, self.first_name, self.patronymic) if part)

    @property
    def on_behalf_of(self) -> str:
        """Municipality or organisation in whose name the person is nominated."""
        where = self.municipality if self.kind == NominationKind.MUNICIPALITY else self.organisation
        return str(where or "")
