from django.apps import AppConfig


class SimulationConfig(AppConfig):
    name = "reserve_portal.simulation"
    label = "simulation"
    verbose_name = "Живой пример"
