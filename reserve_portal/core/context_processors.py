from typing import Any

from django.conf import settings
from django.http import HttpRequest

from . import clock


def portal(request: HttpRequest) -> dict[str, Any]:
    """What every page may show: whether this is the living example, and the portal's present moment."""
    return {"living_example": settings.LIVING_EXAMPLE, "portal_now": clock.now()}
