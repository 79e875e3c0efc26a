"""Who works on which application: noted while one looks, seen by the others, over after some minutes."""

from datetime import timedelta
from typing import Any

from django.db import models, transaction

from reserve_portal.core import clock

from ..models import Application, ReviewClaim

CLAIM_LASTS = timedelta(minutes=10)


@transaction.atomic
def claim_review(application: Application, *, actor: Any, take_over: bool = False) -> ReviewClaim | None:
    """Note that `actor` works on the application; returns the running claim of somebody else, which then stays.

    With `take_over` the other's claim becomes the actor's. Nobody is kept from any deed by a claim.
    """
    now = clock.now()
    standing = (
        ReviewClaim.objects.filter(application=application, until__gt=now).select_related("user").first()
    )
    if standing is not None and standing.user_id != actor.pk and not take_over:
        return standing
    is_own = standing is not None and standing.user_id == actor.pk
    since = standing.since if standing is not None and is_own else now
    ReviewClaim.objects.update_or_create(
        application=application, defaults={"user": actor, "since": since, "until": now + CLAIM_LASTS}
    )
    return None


def claimed_by_others(user: Any) -> models.QuerySet[Any]:
    """Keys of the applications on which somebody else works now."""
    running = ReviewClaim.objects.filter(until__gt=clock.now()).exclude(user=user)
    return running.values("application")


def worker_of(application: Application) -> str:
    """Who works on the application now, for a list; empty when nobody does. Load it with `claim__user`."""
    claim = getattr(application, "claim", None)
    return claim.user.short_name if claim is not None and claim.until > clock.now() else ""
