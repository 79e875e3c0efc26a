from django.apps import AppConfig


class ReservistsConfig(AppConfig):
    name = "reservists"
    verbose_name = "Кадровый резерв"
