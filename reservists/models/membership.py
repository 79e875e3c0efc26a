"""Who is in the reserve."""

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, F, OuterRef, Q, Subquery

from assessment.enums import Zone
from candidates.models import ApplicationTrack
from reserve_portal.accounts.models import Municipality
from reserve_portal.regulations.models import Edition, Ground, TargetGroup

from ..enums import RESERVIST_TONES, EventKind, ParticipationState, ReservistState
from ..rules import points_words


class ReservistQuerySet(models.QuerySet["Reservist"]):
    def active(self) -> "ReservistQuerySet":
        return self.filter(state=ReservistState.ACTIVE)

    @transaction.atomic
    def count_events(self) -> None:
        """Note beside these reservists how many planned regional events they took part in (T7).

        A person has one place at an event: whoever is in two groups has it counted in both, from the inclusion on.
        """
        list(self.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
        counted = Q(
            user__memberships__participations__state=ParticipationState.CONFIRMED,
            user__memberships__participations__event__kind=EventKind.PLANNED,
            user__memberships__participations__event__starts_at__date__gte=F("included_on"),
        )
        own = Reservist.objects.filter(pk=OuterRef("pk")).order_by()
        number = own.annotate(number=Count("user__memberships__participations", filter=counted)).values(
            "number"
        )
        self.update(planned_events=Subquery(number))

    def visible_to(self, user: Any) -> "ReservistQuerySet":
        """process.md 12, row «registry»: own row; a mentor and a municipality their own people; operator, authority,
        auditor all.
        """
        if user.has_any_role("operator", "authority", "auditor"):
            return self
        visible = Q(user=user)
        if user.has_role("municipal") and user.municipality_id:
            visible |= Q(municipality=user.municipality_id)
        if user.has_role("mentor"):
            guided = Reservist.objects.filter(assignments__until=None, assignments__mentor__user=user)
            visible |= Q(pk__in=guided.values("pk"))
        return self.filter(visible)


class Reservist(models.Model):
    """A person's membership in the reserve in one target group."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="Резервист", related_name="memberships"
    )
    edition = models.ForeignKey(Edition, models.PROTECT, verbose_name="Порядок", related_name="reservists")
    target_group = models.ForeignKey(TargetGroup, models.PROTECT, verbose_name="Целевая группа")
    track = models.OneToOneField(
        ApplicationTrack,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="Заявление",
        related_name="reservist",
    )
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, verbose_name="Муниципальное образование"
    )
    state = models.CharField(
        "Состояние", max_length=10, choices=ReservistState.choices, default=ReservistState.ACTIVE
    )
    zone = models.CharField("Зона", max_length=6, choices=Zone.choices)
    points = models.DecimalField("Баллы", max_digits=12, decimal_places=7)
    maximum = models.DecimalField("Максимум", max_digits=12, decimal_places=4)
    rank = models.PositiveIntegerField("Место", null=True, blank=True)
    # Taken from the work record at the inclusion, so that matching need not open 20,000 questionnaires.
    managing_years = models.PositiveSmallIntegerField("Полных лет руководства на день включения", default=0)
    # Kept by the workflow of participations, so that matching need not count those of 20,000 people.
    planned_events = models.PositiveSmallIntegerField("Плановых мероприятий", default=0)
    included_on = models.DateField("Включён")
    basis = models.CharField("Основание включения", max_length=300)
    ended_on = models.DateField("Исключён или назначен", null=True, blank=True)
    end_basis = models.CharField("Основание", max_length=300, blank=True)
    end_ground = models.ForeignKey(
        Ground, models.PROTECT, null=True, blank=True, verbose_name="Пункт", related_name="+"
    )

    objects = ReservistQuerySet.as_manager()

    class Meta:
        verbose_name = "Резервист"
        verbose_name_plural = "Резервисты"
        ordering = ["user__last_name", "user__first_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "target_group"],
                condition=~Q(state=ReservistState.EXCLUDED),
                name="one_membership_per_group",
                violation_error_message="Этот человек уже состоит в резерве по этой группе.",
            ),
            models.CheckConstraint(
                condition=Q(points__lte=F("maximum")), name="reservist_points_within_maximum"
            ),
        ]
        indexes = [models.Index(fields=["state", "zone"])]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def points_text(self) -> str:
        """«86,5 из 100»; a dash for who came with an earlier list that told no points."""
        if not self.maximum:
            return "—"
        return f"{points_words(self.points)} из {points_words(self.maximum)}"

    @property
    def tone(self) -> str:
        return RESERVIST_TONES[ReservistState(self.state)]
