"""Settings of the processes that tests start: the portal's own, in a hurry, with a job that can be killed."""

import os

from reserve_portal.settings import *  # noqa: F403
from reserve_portal.settings import (
    CELERY_BEAT_SCHEDULE,
    CELERY_BROKER_TRANSPORT_OPTIONS,
    INSTALLED_APPS,
    STORAGES,
)

INSTALLED_APPS = [*INSTALLED_APPS, "reserve_portal.core.tests.jobs_app"]
# Compressing the static files takes most of a minute and is not what these tests are about.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
CELERY_BEAT_SCHEDULE = {
    name: {**CELERY_BEAT_SCHEDULE[name], "schedule": 0.3, "options": {"expires": 5}}
    for name in ("letters", "jobs", "heartbeat")
}
# Messages of other processes on the same Redis stay theirs.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    **CELERY_BROKER_TRANSPORT_OPTIONS,
    "global_keyprefix": os.environ.get("TEST_KEY_PREFIX", "tests:"),
}
