from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reserve_portal.audit.models import AuditBatch, AuditEvent
from reserve_portal.audit.services import verify_audit


class Command(BaseCommand):
    help = "Check the sealed audit trail: changed, deleted and inserted rows are found."

    def handle(self, *args: Any, **options: Any) -> None:
        problems = verify_audit()
        if problems:
            raise CommandError("Журнал действий нарушен:\n" + "\n".join(problems))
        unsealed = AuditEvent.objects.filter(batch=None).count()
        self.stdout.write(f"Журнал цел: блоков {AuditBatch.objects.count()}, ещё не опечатано событий {unsealed}.")
