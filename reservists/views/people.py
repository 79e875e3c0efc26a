"""A reservist's own page, and the reservists whom others may see."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.generic import ListView

from reserve_portal.audit.services import record_read
from reserve_portal.core.dashboard import ahead_of
from reserve_portal.core.search import search_key
from reserve_portal.core.timeline import timeline_of
from reserve_portal.notifications.models import Letter

from ..enums import ParticipationState, SignalKind
from ..forms import PeopleFilter
from ..models import DevelopmentPlan, Participation, Reservist
from ..perms import (
    can_leave,
    can_list_reservists,
    can_report_dismissal,
    can_see_mentees,
    can_see_points,
    can_see_registry,
    can_see_zone,
)
from ..services.events import counter_words
from ..services.mentors import mentor_of
from ..services.ratings import rating_history, rating_plot
from ..services.signals import leaving_blockers, leaving_words

EVENTS = 50
LETTERS = 3


def mine(request: HttpRequest) -> HttpResponse:
    """«Мой резерв»: what lies ahead, letters; of each own membership rating, mentor, counter, events, history."""
    memberships: list[Any] = list(
        Reservist.objects.filter(user_id=request.user.pk or 0)
        .select_related("edition", "target_group", "municipality", "end_ground")
        .order_by("-included_on", "-pk")
    )
    if not memberships:
        raise PermissionDenied
    cases = [
        {
            "reservist": reservist,
            **_rating(request.user, reservist),
            "has_mentors": reservist.edition.value("mentors"),
            "mentor": mentor_of(reservist),
            "counter": counter_words(reservist, reservist.planned_events),
            "timeline": timeline_of([reservist]),
            "certifications": reservist.certifications.all(),
            "leaving": leaving_words(reservist),
            "may_leave": can_leave(request.user, reservist),
        }
        for reservist in memberships
    ]
    context = {
        "cases": cases,
        "participations": Participation.objects.filter(reservist__user=request.user.pk or 0)
        .select_related("event")
        .order_by("-event__starts_at", "-pk")[:EVENTS],
        "ahead": ahead_of(request.user),
        "letters": Letter.objects.visible_to(request.user)
        .filter(in_cabinet=True)
        .order_by("-created_at", "-pk")[:LETTERS],
    }
    return render(request, "reservists/mine.html", context)


def _rating(user: Any, reservist: Reservist) -> dict[str, Any]:
    """The history of rating, and of the zone for whoever may see it, as table and plot; the changes behind it."""
    changes = list(reservist.changes.all())
    rows = rating_history(reservist, changes)
    zones = can_see_zone(user, reservist)
    return {"changes": changes, "ratings": rows, "zones": zones, "plot": rating_plot(rows, zones=zones)}


class PeopleList(ListView):
    """Reservists within the right to see; a municipality sees its own by name and group (O8.3)."""

    template_name = "reservists/people.html"
    paginate_by = 50
    context_object_name = "people"

    def get_queryset(self) -> Any:
        user = self.request.user
        if not can_list_reservists(user):
            raise PermissionDenied
        self.filter = PeopleFilter(self.request.GET or None)
        people = (
            Reservist.objects.visible_to(user)
            .active()
            .select_related("user", "edition", "target_group", "municipality")
            .order_by("user__last_name", "user__first_name", "pk")
        )
        if self.filter.is_valid():
            data = self.filter.cleaned_data
            if data["q"]:
                people = people.filter(user__search_key__startswith=search_key(data["q"]))
            if data["municipality"]:
                people = people.filter(municipality=data["municipality"])
        return people

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        editions: dict[int, Any] = {}
        rows = []
        for reservist in context["people"]:
            reservist.edition = editions.setdefault(reservist.edition_id, reservist.edition)
            shows = can_see_zone(self.request.user, reservist)
            rows.append({"reservist": reservist, "zone": reservist.get_zone_display() if shows else ""})
        return context | {
            "rows": rows,
            "filter": self.filter,
            "shows_zone": any(row["zone"] for row in rows),
            "sees_registry": can_see_registry(self.request.user),
        }


def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One reservist: what the reader may see of him or her, and the history. The reading is recorded."""
    people = Reservist.objects.visible_to(request.user).select_related(
        "user", "edition", "target_group", "municipality", "end_ground"
    )
    reservist = get_object_or_404(people, pk=pk)
    record_read(reservist, actor=request.user, person=reservist.user, what="reservists.read_person")
    sees_points = can_see_points(request.user, reservist)
    context = {
        "reservist": reservist,
        "sees_points": sees_points,
        "sees_zone": can_see_zone(request.user, reservist),
        "counter": counter_words(reservist) if sees_points else "",
        "participations": _confirmed(reservist) if sees_points else None,
        "timeline": timeline_of([reservist]) if sees_points else None,
        "certifications": reservist.certifications.all() if sees_points else [],
        "plans": DevelopmentPlan.objects.visible_to(request.user).filter(reservist=reservist),
        "parent": _list_of(request),
        **(_rating(request.user, reservist) if sees_points else {"changes": [], "ratings": []}),
        "may_report_dismissal": can_report_dismissal(request.user, reservist)
        and not leaving_blockers(reservist, SignalKind.DISMISSED),
    }
    return render(request, "reservists/person.html", context)


def _list_of(request: HttpRequest) -> tuple[str, str]:
    """Where this reader came from: address and label."""
    if can_list_reservists(request.user):
        return reverse("reservists:people"), "Резервисты"
    if can_see_mentees(request.user):
        return reverse("reservists:mentees"), "Мои резервисты"
    return reverse("reservists:mine"), "Мой резерв"


def _confirmed(reservist: Reservist) -> Any:
    rows = Participation.objects.filter(reservist__user=reservist.user_id, state=ParticipationState.CONFIRMED)
    return rows.select_related("event").order_by("-event__starts_at")[:EVENTS]
