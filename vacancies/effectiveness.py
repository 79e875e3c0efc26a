"""What appointments say about the work with the reserve (O7.3)."""

from django.db.models import Count, Q

from reservists.effectiveness import Figure, Span, figure_source, share

from .models import Appointment


@figure_source
def appointment_figures(span: Span) -> list[Figure]:
    """Appointments of the span that did not fall through: all, and those made from the reserve."""
    made = Appointment.objects.filter(order_dated__range=(span.since, span.until), fell_through_at=None)
    counts = made.aggregate(total=Count("pk"), reserve=Count("pk", filter=Q(from_reserve=True)))
    return [
        Figure("Назначены на должности руководителей, всего", str(counts["total"]), "O7.3"),
        Figure("Назначены из резерва", share(counts["reserve"], counts["total"]), "O7.3"),
    ]
