from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reserve_portal.audit.models import AuditBatch, AuditEvent
from reserve_portal.audit.services import verify_audit


class Command(BaseCommand):
    help = "Check the sealed audit trail: changed, deleted and inserted rows are found."

    def handle(self, *args: Any, **options: Any) -> None:
        problems = verify_audit()
        if problems:
            raise CommandError("Журнал действий нарушен. " + " ".join(problems))
        unsealed = AuditEvent.objects.filter(batch=None).count()
        last = AuditBatch.objects.order_by("-pk").first()
        self.stdout.write(
            f"Журнал цел: блоков {AuditBatch.objects.count()}, ещё не опечатано событий {unsealed}."
        )
        if last is not None:
            # Whoever keeps this line outside the portal sees also that the end of the trail was cut off.
            self.stdout.write(f"Последний блок {last.pk}, хэш цепочки {last.chain}.")
