from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reserve_portal.simulation.checks import checks, find_problems


class Command(BaseCommand):
    help = "Check that the data hold together: numbers, decisions, histories, letters, papers. Reads only."

    def handle(self, *args: Any, **options: Any) -> None:
        problems = find_problems()
        if problems:
            raise CommandError("Найдены несоответствия:\n" + "\n".join(f"— {text}" for text in problems))
        self.stdout.write(f"Проверок: {len(checks)}. Несоответствий нет.")
