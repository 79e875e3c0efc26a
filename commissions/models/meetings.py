"""What a body decides about, how it met and voted. Everything a decision rested on is kept as it was."""

from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from reserve_portal.core import clock
from reserve_portal.core.models import AboutSubject, SubjectQuerySet
from reserve_portal.papers.enums import Integrity, SignatureForm
from reserve_portal.papers.models import PaperSignature
from reserve_portal.regulations.enums import Decision, LinkForm, Majority
from reserve_portal.regulations.models import ChainLink, Edition

from ..enums import Choice, ConflictSource, ItemState, ListState, MeetingForm, MeetingState, Position
from .bodies import Body


class DecisionListQuerySet(SubjectQuerySet):
    def _at_link(self, form: str, **link: Any) -> "DecisionListQuerySet":
        links = ChainLink.objects.filter(
            edition=OuterRef("edition"),
            decision=OuterRef("decision"),
            order=OuterRef("link_order"),
            form=form,
            **link,
        )
        return self.filter(Exists(links), state=ListState.SENT)

    def waiting_for_order(self) -> "DecisionListQuerySet":
        """Lists that stand at a link which decides by order."""
        return self._at_link(LinkForm.ORDER)

    def waiting_for_meeting(self, body: "Body | None" = None) -> "DecisionListQuerySet":
        """Lists that stand at a link which decides by meeting (of `body`) and are on no agenda yet."""
        link = {"body": body.code} if body is not None else {}
        placed = AgendaItem.objects.filter(list=OuterRef("pk"), link_order=OuterRef("link_order"))
        return self._at_link(LinkForm.MEETING, **link).exclude(
            Exists(placed.exclude(state=ItemState.REMOVED))
        )


class DecisionList(AboutSubject):
    """A list of people that travels the chain of bodies; the effect comes after the last link (process.md 3)."""

    decision = models.CharField("Решение", max_length=20, choices=Decision.choices)
    edition = models.ForeignKey(Edition, models.PROTECT, verbose_name="Порядок")
    title = models.CharField("Название", max_length=300)
    state = models.CharField("Состояние", max_length=10, choices=ListState.choices, default=ListState.DRAFT)
    link_order = models.PositiveSmallIntegerField("Звено", default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="Составил", related_name="+", null=True
    )
    created_at = models.DateTimeField("Составлен", default=clock.now)
    decided_on = models.DateField("Дата решения", null=True, blank=True)
    corrects = models.ForeignKey(
        "commissions.AgendaItem",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="Исправляет решение",
        related_name="corrections",
    )

    objects = DecisionListQuerySet.as_manager()

    class Meta:
        verbose_name = "Список для решения"
        verbose_name_plural = "Списки для решения"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["content_type", "object_id"])]

    def __str__(self) -> str:
        return self.title

    @property
    def link(self) -> ChainLink | None:
        """The link of the chain at which the list stands."""
        return self.edition.chain_links.filter(decision=self.decision, order=self.link_order).first()

    @property
    def waits_for_order(self) -> bool:
        link = self.link
        return self.state == ListState.SENT and link is not None and link.form == LinkForm.ORDER


class DecisionLine(AboutSubject):
    """One person of a list: what was proposed and why, what was decided and why."""

    list = models.ForeignKey(DecisionList, models.CASCADE, related_name="lines")
    order = models.PositiveIntegerField("№", default=0)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="decision_lines")
    label = models.CharField("ФИО", max_length=310)
    details = models.JSONField("Сведения", default=dict)
    proposal = models.BooleanField("Предложено положительно")
    proposal_reason = models.TextField("Основание предложения", blank=True)
    outcome = models.BooleanField("Решение положительно", null=True)
    outcome_reason = models.TextField("Основание решения", blank=True)

    objects = SubjectQuerySet.as_manager()

    class Meta:
        verbose_name = "Строка списка"
        verbose_name_plural = "Строки списков"
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["list", "content_type", "object_id"], name="subject_once_per_list"
            )
        ]
        indexes = [models.Index(fields=["content_type", "object_id"])]

    def __str__(self) -> str:
        return self.label

    @property
    def standing(self) -> bool:
        """What holds at this moment of the chain: the outcome so far, else the proposal."""
        return self.proposal if self.outcome is None else self.outcome


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user: Any) -> "MeetingQuerySet":
        """Operators and auditors see all, members those they were called to (process.md 12)."""
        if user.has_any_role("operator", "auditor"):
            return self
        return self.filter(members__user=user) if user.is_active else self.none()

    def waiting_for_signature(self, user: Any) -> "MeetingQuerySet":
        """Closed meetings that `user` led or kept the protocol of, with neither a scan nor the own whole signature."""
        kind = ContentType.objects.get_for_model(Meeting)
        under = PaperSignature.objects.filter(
            paper__kind="protocol", paper__content_type=kind, paper__object_id=OuterRef("pk")
        )
        own = Q(signer=user, integrity=Integrity.VALID, owner_fits=True)
        led = self.filter(Q(presiding=user) | Q(secretary=user), state=MeetingState.CLOSED)
        return led.exclude(Exists(under.filter(own | Q(form=SignatureForm.SCAN))))

    def with_questions(self) -> "MeetingQuerySet":
        """Annotate `questions`: how many items stand on the agenda (counted for the rows shown alone)."""
        standing = AgendaItem.objects.standing().filter(meeting=OuterRef("pk")).order_by()
        counted = standing.values("meeting").annotate(count=Count("pk")).values("count")
        return self.annotate(questions=Coalesce(Subquery(counted), 0))


class Meeting(models.Model):
    """A meeting with the rules it was held by, frozen when it opens."""

    body = models.ForeignKey(Body, models.PROTECT, verbose_name="Орган", related_name="meetings")
    edition = models.ForeignKey(Edition, models.PROTECT, verbose_name="Порядок")
    form = models.CharField(
        "Форма", max_length=10, choices=MeetingForm.choices, default=MeetingForm.IN_PERSON
    )
    starts_at = models.DateTimeField("Начало")
    ends_at = models.DateTimeField("Голоса принимаются до", null=True, blank=True)
    place = models.CharField("Место или ссылка", max_length=250)
    state = models.CharField(
        "Состояние", max_length=10, choices=MeetingState.choices, default=MeetingState.PLANNED
    )
    number = models.CharField("Номер протокола", max_length=30, blank=True)
    quorum_percent = models.DecimalField("Кворум, %", max_digits=5, decimal_places=2, default=50)
    quorum_strict = models.BooleanField("Больше этой доли", default=True)
    chair_needed = models.BooleanField("Нужен председатель", default=True)
    majority = models.CharField(
        "Большинство", max_length=12, choices=Majority.choices, default=Majority.SIMPLE
    )
    casting_vote = models.BooleanField("Решающий голос", default=True)
    presiding = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        verbose_name="Председательствует",
        related_name="+",
    )
    secretary = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="Секретарь", related_name="+"
    )
    # How the body and its rules were named on the day of the call: names change, what was decided does not.
    body_name = models.CharField("Название органа", max_length=300)
    body_name_in = models.CharField("Название органа в родительном падеже", max_length=300)
    edition_name = models.CharField("Название порядка", max_length=300)
    rule_clause = models.CharField("Пункт порядка", max_length=100, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField("Открыто", null=True, blank=True)
    closed_at = models.DateTimeField("Закрыто", null=True, blank=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = "Заседание"
        verbose_name_plural = "Заседания"
        ordering = ["-starts_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.body}, {clock.local(self.starts_at):%d.%m.%Y}"

    @property
    def tone(self) -> str:
        """Colour of the state's badge."""
        tones = {MeetingState.PLANNED: "info", MeetingState.OPEN: "warning", MeetingState.CLOSED: "success"}
        return tones.get(MeetingState(self.state), "neutral")

    @property
    def is_absentee(self) -> bool:
        """An absentee poll (O4.16): nobody is present, who votes takes part."""
        return self.form == MeetingForm.ABSENTEE

    @property
    def is_over_term(self) -> bool:
        """The term of an absentee poll has passed: no voice is taken any more."""
        return self.ends_at is not None and self.ends_at <= clock.now()


class MeetingMember(models.Model):
    """A member as called to one meeting: the snapshot by which quorum and votes are counted."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="meeting_memberships")
    name = models.CharField("ФИО", max_length=310)
    post = models.CharField("Должность", max_length=250, blank=True)
    position = models.CharField("Положение", max_length=10, choices=Position.choices)
    votes = models.BooleanField("Голосует", default=True)
    present = models.BooleanField("Присутствует", default=False)
    entitled = models.BooleanField("Имел право голоса", default=False)
    stands_in_for = models.ForeignKey(
        "self", models.CASCADE, null=True, verbose_name="Замещает", related_name="substitutes"
    )
    arrived_at = models.DateTimeField("Прибыл после открытия", null=True, blank=True)
    left_at = models.DateTimeField("Покинул заседание", null=True, blank=True)

    class Meta:
        verbose_name = "Участник заседания"
        verbose_name_plural = "Участники заседания"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["meeting", "user"], name="member_once_per_meeting")]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> int:
        """The seat whose voice the member has: the own one, or that of the member for whom he or she stands in."""
        return self.stands_in_for_id or self.pk

    @property
    def attended(self) -> bool:
        """There at the end, or for a part of the meeting."""
        return self.present or self.entitled or self.left_at is not None

    @property
    def short_name(self) -> str:
        """И. О. Фамилия of the name as it was, as papers are signed."""
        last, *others = self.name.split()
        return " ".join([*(f"{part[0]}." for part in others), last])


class AgendaItemQuerySet(models.QuerySet["AgendaItem"]):
    def visible_to(self, user: Any) -> "AgendaItemQuerySet":
        """Items of the meetings that `user` may see."""
        return self.filter(meeting__in=Meeting.objects.visible_to(user))

    def standing(self) -> "AgendaItemQuerySet":
        """Without those taken off the agenda."""
        return self.exclude(state=ItemState.REMOVED)

    def waiting_for_voice(self, user: Any) -> "AgendaItemQuerySet":
        """Items under vote on which `user` is entitled and has not voted."""
        voted = Vote.objects.filter(item=OuterRef("pk"), member__user=user, line=None)
        return self.filter(state=ItemState.VOTING, voters__user=user).exclude(Exists(voted))


class AgendaItem(models.Model):
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="items")
    order = models.PositiveSmallIntegerField("№")
    list = models.ForeignKey(DecisionList, models.PROTECT, verbose_name="Список", related_name="items")
    link_order = models.PositiveSmallIntegerField("Звено")
    title = models.CharField("Вопрос", max_length=300)
    speaker = models.CharField("Докладчик", max_length=310)
    discussion = models.TextField("Выступили", blank=True)
    state = models.CharField("Состояние", max_length=10, choices=ItemState.choices, default=ItemState.PENDING)
    voters = models.ManyToManyField(
        MeetingMember, verbose_name="Имеют право голоса по вопросу", related_name="voting_items", blank=True
    )
    presiding = models.ForeignKey(
        MeetingMember,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="Председательствовал",
        related_name="+",
    )

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        verbose_name = "Вопрос повестки"
        verbose_name_plural = "Вопросы повестки"
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(
                fields=["list", "link_order"],
                condition=~Q(state=ItemState.REMOVED),
                name="list_once_per_link_on_agenda",
                violation_error_message="Этот список уже в повестке.",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def tone(self) -> str:
        """Colour of the state's badge."""
        return {ItemState.VOTING: "warning", ItemState.VOTED: "success"}.get(ItemState(self.state), "neutral")


class Recusal(models.Model):
    """A member keeps out of one person's line: sees no papers, casts no vote, does not count in its quorum."""

    item = models.ForeignKey(AgendaItem, models.CASCADE, related_name="recusals")
    line = models.ForeignKey(DecisionLine, models.CASCADE, related_name="recusals")
    member = models.ForeignKey(MeetingMember, models.CASCADE, related_name="recusals")
    source = models.CharField("Кем установлен", max_length=10, choices=ConflictSource.choices)
    reason = models.CharField("Причина", max_length=300)
    at = models.DateTimeField("Когда", default=clock.now)

    class Meta:
        verbose_name = "Отвод"
        verbose_name_plural = "Отводы"
        constraints = [
            models.UniqueConstraint(fields=["item", "line", "member"], name="recusal_once_per_line")
        ]

    def __str__(self) -> str:
        return f"{self.member} — {self.line}"


class Vote(models.Model):
    """A voice on a whole item (`line` empty) or on one person where the voter differs."""

    item = models.ForeignKey(AgendaItem, models.CASCADE, related_name="votes")
    member = models.ForeignKey(MeetingMember, models.CASCADE, related_name="cast_votes")
    line = models.ForeignKey(DecisionLine, models.CASCADE, null=True, blank=True, related_name="votes")
    choice = models.CharField("Голос", max_length=8, choices=Choice.choices)
    opinion = models.TextField("Особое мнение", blank=True)
    at = models.DateTimeField("Когда", default=clock.now)

    class Meta:
        verbose_name = "Голос"
        verbose_name_plural = "Голоса"
        constraints = [
            models.UniqueConstraint(
                fields=["item", "member"], condition=Q(line=None), name="vote_once_per_item"
            ),
            models.UniqueConstraint(fields=["item", "member", "line"], name="vote_once_per_line"),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.get_choice_display()}"
