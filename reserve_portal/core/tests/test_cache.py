"""Without Redis the portal goes on (quality.md, Reliability)."""

from time import monotonic

import pytest
from django.conf import settings as portal_settings
from django.core.cache import cache, caches

from reserve_portal.accounts.tests.factories import PASSWORD, UserFactory

NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@pytest.fixture
def redis_away(settings):
    """The production cache, with a Redis that does not answer."""
    settings.CACHES = {
        "default": {
            "BACKEND": "reserve_portal.core.cache.ForgivingRedisCache",
            "LOCATION": NOBODY_LISTENS,
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2, "retry": None},
        }
    }


def test_while_redis_is_away_everything_is_a_miss(redis_away):
    """Nobody waits for it, nobody falls over it."""
    begun = monotonic()
    cache.set("k", 1)
    cache.set_many({"k": 1})
    assert cache.get("k", 7) == 7 and cache.get_many(["k"]) == {} and not cache.has_key("k")
    assert cache.add("k", 1) and cache.incr("k") == 1 and not cache.delete("k") and not cache.touch("k")
    cache.delete_many(["k"])
    cache.clear()
    assert monotonic() - begun < 3


@pytest.mark.django_db
def test_a_person_signs_in_while_redis_is_away(redis_away, settings, client):
    """The throttle counts in the cache; without it people still come in."""
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
    user = UserFactory(password=PASSWORD)
    answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302 and client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.postgres
def test_with_redis_the_production_cache_keeps_values():
    """On PostgreSQL + Redis the suite runs with the production cache."""
    assert portal_settings.CACHES["default"]["BACKEND"].endswith("ForgivingRedisCache")
    caches["default"].set("tests:k", 1, 5)
    assert caches["default"].get("tests:k") == 1
    assert caches["default"].delete("tests:k")
