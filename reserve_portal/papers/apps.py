from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "reserve_portal.papers"
    label = "papers"
    verbose_name = "Документы"
