"""How often one address may do something that costs the server."""

from django.core.cache import cache
from django.http import HttpRequest


def is_too_often(request: HttpRequest, what: str, *, amount: int, seconds: int) -> bool:
    """Count one more try of the request's address; True once it had more than `amount` within `seconds`."""
    key = f"throttle:{what}:{request.META.get('REMOTE_ADDR', '')}"
    if cache.add(key, 1, seconds):
        return False
    try:
        return cache.incr(key) > amount
    except ValueError:  # ran out in between, or no cache is there
        return False
