"""People, what they may be, and where they work."""

from functools import cached_property
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group, PermissionsMixin
from django.db import models

from reserve_portal.core import clock
from reserve_portal.core.search import search_key

from .enums import PRIVATE_ROLES, OrganisationKind, Role
from .identity import check_inn, check_ogrn


class Municipality(models.Model):
    """A municipality of the region, by OKTMO."""

    name = models.CharField("Название", max_length=150)
    oktmo = models.CharField("ОКТМО", max_length=8, unique=True)
    is_active = models.BooleanField("Действует", default=True)

    class Meta:
        verbose_name = "Муниципальное образование"
        verbose_name_plural = "Муниципальные образования"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Organisation(models.Model):
    """A school or another organisation of the education system."""

    name = models.CharField("Название", max_length=250)
    short_name = models.CharField("Краткое название", max_length=150, blank=True)
    ogrn = models.CharField("ОГРН", max_length=13, blank=True, validators=[check_ogrn])
    inn = models.CharField("ИНН", max_length=10, blank=True, validators=[check_inn])
    kind = models.CharField(
        "Вид", max_length=12, choices=OrganisationKind.choices, default=OrganisationKind.SCHOOL
    )
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, verbose_name="Муниципальное образование", related_name="organisations"
    )
    is_active = models.BooleanField("Действует", default=True)

    class Meta:
        verbose_name = "Организация"
        verbose_name_plural = "Организации"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "name"],
                name="organisation_name_once_per_municipality",
                violation_error_message="В этом муниципальном образовании уже есть организация с таким названием.",
            ),
            models.UniqueConstraint(
                fields=["ogrn"],
                condition=~models.Q(ogrn=""),
                name="organisation_ogrn_once",
                violation_error_message="Организация с таким ОГРН уже есть.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user; without a password the account waits for an invitation to be taken up."""
        user = self.model(email=self.normalize_email(email).lower(), date_joined=clock.now(), **fields)
        user.set_password(password)
        user.set_search_key()
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an administrator (manage.py createsuperuser)."""
        user = self.create_user(email, password, is_superuser=True, **fields)
        user.groups.add(Group.objects.get_or_create(name=Role.ADMINISTRATOR)[0])
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class UserQuerySet(models.QuerySet["User"]):
    def with_role(self, role: str) -> "UserQuerySet":
        return self.filter(groups__name=role, is_active=True)


class User(AbstractBaseUser, PermissionsMixin):
    """A person of the portal; signs in by e-mail address and may hold several roles."""

    email = models.EmailField(
        "Адрес электронной почты", unique=True, error_messages={"unique": "Этот адрес уже зарегистрирован."}
    )
    last_name = models.CharField("Фамилия", max_length=100)
    first_name = models.CharField("Имя", max_length=100)
    patronymic = models.CharField("Отчество", max_length=100, blank=True)
    phone = models.CharField("Телефон", max_length=20, blank=True)
    post = models.CharField("Должность", max_length=250, blank=True)
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, verbose_name="Муниципальное образование"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, verbose_name="Организация"
    )
    is_active = models.BooleanField("Учётная запись действует", default=True)
    date_joined = models.DateTimeField("Зарегистрирован", editable=False)
    search_key = models.CharField(max_length=400, editable=False, db_index=True, default="")

    objects = UserManager.from_queryset(UserQuerySet)()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["last_name", "first_name"]

    class Meta:
        verbose_name = "Пользователь"
        verbose_name_plural = "Пользователи"
        ordering = ["last_name", "first_name", "pk"]

    def __str__(self) -> str:
        return self.full_name or self.email

    @property
    def full_name(self) -> str:
        """Фамилия Имя Отчество."""
        return " ".join(part for part in (self.last_name, self.first_name, self.patronymic) if part)

    @property
    def short_name(self) -> str:
        """И. О. Фамилия, as papers are signed."""
        initials = " ".join(f"{part[0]}." for part in (self.first_name, self.patronymic) if part)
        return f"{initials} {self.last_name}".strip()

    @property
    def greeting(self) -> str:
        """Имя Отчество, as letters begin."""
        return f"{self.first_name} {self.patronymic}".strip() or self.email

    @cached_property
    def roles(self) -> frozenset[str]:
        """Codes of the roles held, read once per loaded user."""
        if not self.pk:
            return frozenset()
        if "groups" in getattr(self, "_prefetched_objects_cache", ()):
            return frozenset(group.name for group in self.groups.all())
        return frozenset(self.groups.values_list("name", flat=True))

    def has_role(self, role: str) -> bool:
        return self.is_active and role in self.roles

    def has_any_role(self, *roles: str) -> bool:
        return self.is_active and not self.roles.isdisjoint(roles)

    @property
    def needs_second_factor(self) -> bool:
        """Every role but candidate and reservist (quality.md, Security)."""
        return bool(self.roles - PRIVATE_ROLES)

    @property
    def is_staff(self) -> bool:
        """Django's admin asks this; the portal's answer are roles."""
        return self.has_any_role(Role.OPERATOR, Role.ADMINISTRATOR, Role.AUDITOR)

    def set_search_key(self) -> None:
        """Recompute the key that searches use; called by every service that changes a name or the address."""
        self.search_key = search_key(self.last_name, self.first_name, self.patronymic, self.email)
