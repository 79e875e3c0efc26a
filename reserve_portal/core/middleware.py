from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from .context import begin_unit_of_work


class UnitOfWorkMiddleware:
    """Begins each request with nothing remembered: clock offset, calendar and editions are read afresh."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begin_unit_of_work()
        return self.get_response(request)
