import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reserve_portal.accounts.models import User
from reserve_portal.core.management.commands.load_calendar import BUNDLED
from reserve_portal.core.services import load_calendar
from reserve_portal.regulations.services import BadRegulation, load_regulation
from reserve_portal.simulation.example import build_example, build_people


class Command(BaseCommand):
    help = "Fill an empty database with a region's regulation and the living example."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--region", default="tomsk", help="A preset's name or the path of a preset file.")
        parser.add_argument(
            "--people-only", action="store_true", help="No applications: officials, bodies, schools."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():
            raise CommandError("В базе уже есть люди: живой пример загружают только в пустую.")
        load_calendar(json.loads(BUNDLED.read_text(encoding="utf-8")))
        try:
            edition = load_regulation(options["region"])
        except BadRegulation as error:
            raise CommandError(str(error)) from None
        if options["people_only"]:
            build_people(edition)
        else:
            build_example(edition, tell=self.stdout.write)
