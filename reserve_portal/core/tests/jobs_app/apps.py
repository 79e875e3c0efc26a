from django.apps import AppConfig


class JobsAppConfig(AppConfig):
    name = "reserve_portal.core.tests.jobs_app"
    label = "tests_jobs"
