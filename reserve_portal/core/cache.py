"""The production cache: Redis, whose absence must not stop people from signing in (quality.md, Reliability)."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def _or_miss(name: str, missed: Callable[..., Any]) -> Callable[..., Any]:
    original = getattr(RedisCache, name)

    @wraps(original)
    def method(self: RedisCache, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(self, *args, **kwargs)
        except RedisError as error:
            log.warning("cache unreachable: %s", type(error).__name__)
            return missed(*args, **kwargs)

    return method


class ForgivingRedisCache(RedisCache):
    """While Redis is away everything is a miss and nothing is kept; throttling counts nothing until it is back."""

    get = _or_miss("get", lambda key, default=None, version=None: default)
    add = _or_miss("add", lambda *args, **kwargs: True)
    set = _or_miss("set", lambda *args, **kwargs: None)
    touch = _or_miss("touch", lambda *args, **kwargs: False)
    delete = _or_miss("delete", lambda *args, **kwargs: False)
    has_key = _or_miss("has_key", lambda *args, **kwargs: False)
    incr = _or_miss("incr", lambda key, delta=1, version=None: delta)
    get_many = _or_miss("get_many", lambda *args, **kwargs: {})
    set_many = _or_miss("set_many", lambda data, *args, **kwargs: list(data))
    delete_many = _or_miss("delete_many", lambda *args, **kwargs: None)
    clear = _or_miss("clear", lambda *args, **kwargs: False)
