from django.apps import AppConfig


class RegulationsConfig(AppConfig):
    name = "reserve_portal.regulations"
    label = "regulations"
    verbose_name = "Порядок и сроки"
