from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "reserve_portal.pages"
    label = "pages"
    verbose_name = "Публичный сайт"
