import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reserve_portal.settings")

app = Celery("reserve_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
