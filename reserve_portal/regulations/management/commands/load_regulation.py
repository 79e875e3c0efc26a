from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reserve_portal.regulations.services import BadRegulation, load_regulation


class Command(BaseCommand):
    help = "Load a regulation preset (a name such as tomsk, or a path to a YAML file)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            edition = load_regulation(options["name"])
        except BadRegulation as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Загружено: {edition.name}")
