"""What happened to a case, oldest first: changes of state as logged by the workflow seam."""

from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q

from .models import TransitionLog


def timeline_of(objects: Iterable[models.Model]) -> models.QuerySet[TransitionLog]:
    """Return the log rows about any of `objects`, oldest first, with their actors."""
    by_type: dict[ContentType, list[int]] = {}
    for obj in objects:
        by_type.setdefault(ContentType.objects.get_for_model(obj), []).append(obj.pk)
    wanted = Q(pk__in=[])
    for content_type, pks in by_type.items():
        wanted |= Q(content_type=content_type, object_id__in=pks)
    return TransitionLog.objects.filter(wanted).select_related("actor").order_by("at", "pk")
