"""The mentor's desk, and the monitoring of all plans (O4.13, O4.15)."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.views.generic import ListView

from reserve_portal.core import clock
from reserve_portal.core.search import search_key

from ..development_forms import MonitoringFilter
from ..development_rules import percent_done
from ..enums import PLANS_IN_FORCE, UNAGREED_PLANS
from ..models import DevelopmentPlan, MentorAssignment, MentorReport, PlanReport, Reservist
from ..perms import can_monitor_plans, can_see_mentees
from ..services.development import late_deadlines, with_late
from ..services.plan_reviews import invitations_of

OWN_REPORTS = 8


def with_development(reservists: Any, year: int) -> Any:
    """The queryset with plan, reports and mentor of each, in a fixed number of queries."""
    plans = DevelopmentPlan.objects.filter(year=year, state__in=(*PLANS_IN_FORCE, *UNAGREED_PLANS))
    return reservists.select_related("user", "target_group", "municipality").prefetch_related(
        Prefetch("plans", plans.order_by("version").prefetch_related("items"), to_attr="shown_plans"),
        Prefetch(
            "reports", PlanReport.objects.filter(year=year).order_by("quarter"), to_attr="shown_reports"
        ),
        Prefetch(
            "assignments",
            MentorAssignment.objects.current().select_related("mentor__user"),
            to_attr="standing",
        ),
    )


def development_rows(reservists: list[Any]) -> list[dict[str, Any]]:
    """What the lists show of each reservist: mentor, plan, percent, reports, what is late."""
    late = late_deadlines(reservists)
    return [
        {
            "reservist": row,
            "mentor": row.standing[0].mentor if row.standing else None,
            "plans": row.shown_plans,
            "percent": _percent(row.shown_plans),
            "reports": row.shown_reports,
            "late": late.get(row.pk, []),
        }
        for row in reservists
    ]


def _percent(plans: list[DevelopmentPlan]) -> Any:
    """How far the plan in force is; None where there is none."""
    standing = [plan for plan in plans if plan.is_in_force]
    return percent_done([item.progress for item in standing[0].items.all()]) if standing else None


class Mentees(ListView):
    """«Мои резервисты»: whom this mentor guides, what waits for him or her, what is late (O4.13)."""

    template_name = "reservists/mentees.html"
    paginate_by = 25

    def get_queryset(self) -> Any:
        user = self.request.user
        if not can_see_mentees(user):
            raise PermissionDenied
        guided = MentorAssignment.objects.guided_by(user).values("reservist")
        people = Reservist.objects.active().filter(pk__in=guided)
        return with_development(people, clock.today().year).order_by(
            "user__last_name", "user__first_name", "pk"
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        guided = MentorAssignment.objects.guided_by(self.request.user).values("reservist")
        waiting = {"reservist__in": guided, "state": "submitted"}
        return context | {
            "rows": development_rows(list(context["object_list"])),
            "plans": DevelopmentPlan.objects.filter(**waiting).select_related("reservist__user"),
            "reports": PlanReport.objects.filter(**waiting).select_related("reservist__user"),
            "own_reports": MentorReport.objects.filter(mentor__user=self.request.user.pk)[:OWN_REPORTS],
            "invited": invitations_of(self.request.user),
        }


class Monitoring(ListView):
    """«Планы и отчёты»: how far each reservist is in a year, and what is late (O4.13, O4.15)."""

    template_name = "reservists/monitoring.html"
    paginate_by = 50

    def get_queryset(self) -> Any:
        if not can_monitor_plans(self.request.user):
            raise PermissionDenied
        self.filter = MonitoringFilter(self.request.GET or None)
        self.year = clock.today().year
        people = Reservist.objects.active().filter(
            edition__parameters__key="development_plan", edition__parameters__value=True
        )
        if self.filter.is_valid():
            data = self.filter.cleaned_data
            self.year = data["year"] or self.year
            if data["q"]:
                people = people.filter(user__search_key__startswith=search_key(data["q"]))
            if data["late"]:
                people = with_late(people)
        return with_development(people, self.year).order_by("user__last_name", "user__first_name", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rows = development_rows(list(context["object_list"]))
        own = MentorReport.objects.filter(year=self.year).select_related("mentor__user")
        return context | {"rows": rows, "filter": self.filter, "year": self.year, "mentor_reports": own}
