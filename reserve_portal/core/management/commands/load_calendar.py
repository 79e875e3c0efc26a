import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reserve_portal.core import clock
from reserve_portal.core.services import load_calendar

BUNDLED = Path(__file__).resolve().parents[2] / "data" / "production_calendar.json"


class Command(BaseCommand):
    help = "Load the working calendar from FILE, or from the copy kept in the tree."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=BUNDLED)

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            years = load_calendar(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise CommandError(f"Файл не найден: {path}") from None
        except OSError as error:
            raise CommandError(f"Файл не читается: {path} ({error.strerror}).") from None
        except KeyError as error:
            raise CommandError(
                f"{path.name}: не похоже на производственный календарь (нет {error})."
            ) from None
        except (ValueError, TypeError, AttributeError) as error:
            raise CommandError(f"{path.name}: не похоже на производственный календарь ({error}).") from None
        if not years:
            raise CommandError(f"{path.name}: в файле нет ни одного года.")
        self.stdout.write(f"Загружены годы: {', '.join(map(str, years))}. Сегодня {clock.today():%d.%m.%Y}.")
