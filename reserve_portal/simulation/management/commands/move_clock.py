import sys
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from reserve_portal.core import clock


class Command(BaseCommand):
    help = "Move the portal's clock to a local moment such as 2026-11-02T09:00 (not in production)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("moment", help="The moment, or - for moments from standard input, one a line.")

    def handle(self, *args: Any, **options: Any) -> None:
        for line in sys.stdin if options["moment"] == "-" else [options["moment"]]:
            self._move(line.strip())

    def _move(self, words: str) -> None:
        try:
            moment = datetime.fromisoformat(words)
        except ValueError:
            raise CommandError("Укажите дату и время так: 2026-11-02T09:00") from None
        if moment.tzinfo is None:
            moment = timezone.make_aware(moment)
        try:
            clock.move_to(moment)
        except clock.ClockOffsetRefused as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"На часах портала {clock.local(clock.now()):%d.%m.%Y %H:%M}.")
        self.stdout.flush()
