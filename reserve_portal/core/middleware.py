from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from .context import begin_unit_of_work


class UnitOfWorkMiddleware:
    """Begins each request with nothing remembered: clock offset, calendar and editions are read afresh."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begin_unit_of_work()
        return self.get_response(request)


class ClientAddressMiddleware:
    """Behind PROXY_COUNT own proxies REMOTE_ADDR is theirs; the address each of them added names who is before it.

    Throttling, consents and the audit trail go by this address; what a client writes into the header itself stands
    further to the left and is never looked at.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
        if 0 < settings.PROXY_COUNT <= len(hops) and hops[-settings.PROXY_COUNT]:
            request.META["REMOTE_ADDR"] = hops[-settings.PROXY_COUNT]
        return self.get_response(request)


class PrivatePagesMiddleware:
    """What a signed-in person sees stays in no cache: neither a proxy's nor that of a computer shared with others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        user: Any = request.user
        if user.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response
