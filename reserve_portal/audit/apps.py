from typing import Any

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "reserve_portal.audit"
    label = "audit"
    verbose_name = "Журнал действий"

    def ready(self) -> None:
        from reserve_portal.core.admin_lists import export_witnesses

        export_witnesses.append(_record_export)


def _record_export(actor: Any, what: str, query: str, rows: int) -> None:
    """A list that was taken away as a table."""
    from .services import record_event

    record_event("core.export_list", None, actor=actor, list=what, query=query, rows=rows)
