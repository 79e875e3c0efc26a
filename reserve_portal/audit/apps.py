from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "reserve_portal.audit"
    label = "audit"
    verbose_name = "Журнал действий"
