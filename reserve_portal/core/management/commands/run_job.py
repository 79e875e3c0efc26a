from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from reserve_portal.core.jobs import run_job


class Command(BaseCommand):
    help = "Run one claimed job to its end (called by the background process)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("pk", type=int)
        parser.add_argument("token")

    def handle(self, *args: Any, **options: Any) -> None:
        run_job(options["pk"], options["token"])
