"""Events in the portal: the list, one event, registering and refusing."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from django.views.generic import ListView

from assessment.models import LearningRoute
from reserve_portal.core import clock
from reserve_portal.core.gates import GateShut
from reserve_portal.core.workflow import TransitionRefused

from ..enums import EventState, ParticipationState
from ..forms import RefusalForm
from ..guests import route_of
from ..models import Event, Participation, Reservist
from ..perms import (
    can_have_feed,
    can_leave_waiting_list,
    can_read_survey,
    can_refuse_participation,
    can_register_for_event,
    can_see_events,
)
from ..services.events import (
    GAVE_UP,
    TAKES_A_PLACE,
    counter_words,
    is_full,
    leave_waiting_list,
    place_of,
    refuse_event,
    register_for_event,
    registration_blockers,
    waiting_places,
)
from ..services.surveys import survey_blockers, survey_of, survey_until, unanswered


def membership_of(user: Any) -> Reservist | None:
    """The membership with which a person takes part in events: the oldest active one."""
    own = Reservist.objects.active().filter(user_id=user.pk).select_related("edition", "user")
    return own.order_by("included_on", "pk").first()


def participant_of(user: Any) -> Reservist | LearningRoute | None:
    """As what a person takes part: as a reservist, else as a guest on a learning route (T5)."""
    return membership_of(user) or route_of(user)


class EventList(ListView):
    """Events to come, soonest first; `?past=1`: those that are over, latest first."""

    template_name = "reservists/events.html"
    paginate_by = 30
    context_object_name = "events"

    def get_queryset(self) -> Any:
        if not can_see_events(self.request.user):
            raise PermissionDenied
        self.past = bool(self.request.GET.get("past"))
        now = clock.now()
        events = _with_taken()
        if self.past:
            return events.filter(ends_at__lt=now).order_by("-starts_at", "-pk")
        return events.filter(ends_at__gte=now).order_by("starts_at", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        reservist = membership_of(self.request.user)
        events = list(context["events"])
        own = own_places(self.request.user).filter(event__in=events)
        states = {item.event_id: item for item in own}
        return context | {
            "rows": [
                {"event": event, "own": states.get(event.pk), "left": places_left(event)} for event in events
            ],
            "past": self.past,
            "counter": counter_words(reservist) if reservist else "",
            "unanswered": unanswered(own_places(self.request.user)),
            "may_have_feed": can_have_feed(self.request.user),
        }


def places_left(event: Any) -> int | None:
    """Free places of an event annotated with `taken`; None where there is no limit."""
    return None if event.places is None else max(0, event.places - event.taken)


def event(request: HttpRequest, pk: int) -> HttpResponse:
    """One event: what, when, where, how many places; the deed that is open to the reader."""
    if not can_see_events(request.user):
        raise PermissionDenied
    row = get_object_or_404(_with_taken(), pk=pk)
    participant = participant_of(request.user)
    own = place_of(row, participant) if participant else None
    may_register = can_register_for_event(request.user, row, participant)
    blockers = registration_blockers(row, participant, may_wait=True) if may_register else []
    confirmed = own is not None and own.state == ParticipationState.CONFIRMED
    context = {
        "event": row,
        "own": own,
        "left": places_left(row),
        "blockers": [] if own and own.state not in GAVE_UP else blockers,
        "full": is_full(row),
        "may_register": may_register and not blockers,
        "may_refuse": bool(
            own and can_refuse_participation(request.user, own) and row.starts_at > clock.now()
        ),
        "cancelled": row.state == EventState.CANCELLED,
        "confirmed": confirmed,
        "survey_until": survey_until(own) if own and confirmed and not survey_blockers(own) else None,
        "survey": survey_of(row) if can_read_survey(request.user) and row.is_over else None,
        **_line(own),
    }
    return render(request, "reservists/event.html", context)


def _line(own: Participation | None) -> dict[str, Any]:
    """Where in the waiting list a person stands."""
    if own is None or own.state != ParticipationState.WAITING:
        return {"number": 0, "waiting": 0}
    line = [item.pk for item in waiting_places(own.event)]
    return {"number": line.index(own.pk) + 1, "waiting": len(line)}


@require_POST
def register(request: HttpRequest, pk: int) -> HttpResponse:
    """Register the person who asks; with `wait`, in the waiting list where every place is taken."""
    if not can_see_events(request.user):
        raise PermissionDenied
    row = get_object_or_404(Event, pk=pk)
    participant = participant_of(request.user)
    if participant is None or not can_register_for_event(request.user, row, participant):
        raise PermissionDenied
    try:
        own = register_for_event(
            row, participant=participant, actor=request.user, may_wait="wait" in request.POST
        )
    except (GateShut, TransitionRefused) as error:
        messages.error(request, str(error))
    else:
        if own.state == ParticipationState.WAITING:
            messages.success(request, "Вы в листе ожидания. Когда место освободится, придёт письмо.")
        else:
            messages.success(request, "Вы записаны. Письмо с датой и местом отправлено.")
    return redirect("reservists:event", pk=row.pk)


@require_POST
def leave_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave the waiting list."""
    own = own_place_or_404(request.user, pk)
    if not can_leave_waiting_list(request.user, own):
        raise PermissionDenied
    try:
        leave_waiting_list(own, actor=request.user)
    except TransitionRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Вы вышли из листа ожидания.")
    return redirect("reservists:event", pk=pk)


def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse with a reason, asked on a page of its own."""
    own = own_place_or_404(request.user, pk)
    if not can_refuse_participation(request.user, own):
        raise PermissionDenied
    form = RefusalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            refuse_event(own, actor=request.user, reason=form.cleaned_data["reason"])
        except (GateShut, TransitionRefused) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Отказ принят, место освобождено.")
            return redirect("reservists:event", pk=pk)
    back = reverse("reservists:event", args=[pk])
    form.cancel_url = back
    return render(request, "reservists/refuse.html", {"form": form, "event": own.event, "back": back})


def own_place_or_404(user: Any, event_pk: int) -> Participation:
    """The person's place at an event; raises Http404 without one."""
    # Two rows for a member of two groups (O1.14), or for a guest who has become a reservist since.
    rows = own_places(user).filter(event_id=event_pk).order_by("pk")
    reservist = membership_of(user)
    own = rows.filter(reservist=reservist).first() if reservist else None
    own = own or rows.first()
    if own is None:
        raise Http404
    return own


def own_places(user: Any) -> Any:
    """Places at events that a person has, as a reservist or as a guest (queryset)."""
    mine = Q(reservist__user_id=user.pk or 0) | Q(route__track__application__user_id=user.pk or 0)
    rows = Participation.objects.filter(mine)
    return rows.select_related("event", "reservist__user", "route__track__application__user")


def _with_taken() -> Any:
    return Event.objects.annotate(
        taken=Count("participations", filter=Q(participations__state__in=TAKES_A_PLACE))
    )
