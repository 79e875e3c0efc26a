from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from . import clock
from .accessibility import COOKIE, reading_from_cookie
from .navigation import identity, navigation_for


def portal(request: HttpRequest) -> dict[str, Any]:
    """What every page may show.

    `living_example`, `portal_now`, `portal_today`, `reading` (the chosen version for reading), and, read only when a
    template uses them: `navigation` (list of NavLink), `identity` (name of service, region, operator).
    """
    user: Any = getattr(request, "user", None)
    return {
        "living_example": settings.LIVING_EXAMPLE,
        "portal_now": clock.now(),
        "portal_today": clock.today(),
        "reading": reading_from_cookie(request.COOKIES.get(COOKIE, "")),
        "navigation": SimpleLazyObject(lambda: navigation_for(user, request.path)),
        "identity": SimpleLazyObject(identity),
    }
