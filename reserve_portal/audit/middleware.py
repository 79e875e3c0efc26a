from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from .services import address_of_request


class AuditContextMiddleware:
    """Lets audit events of a request carry the address it came from."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = address_of_request.set(request.META.get("REMOTE_ADDR") or None)
        try:
            return self.get_response(request)
        finally:
            address_of_request.reset(token)
