import gc
import os
import subprocess
import sys
import tempfile
from argparse import SUPPRESS
from pathlib import Path
from time import monotonic, process_time
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from reserve_portal.accounts.models import User
from reserve_portal.regulations.services import BadRegulation, load_regulation, preset_path
from reserve_portal.simulation.checks import find_problems
from reserve_portal.simulation.story import at
from reserve_portal.simulation.year.account import account_of
from reserve_portal.simulation.year.digest import digest_of_cases
from reserve_portal.simulation.year.play import play_year
from reserve_portal.simulation.year.press import PressBeside


class Command(BaseCommand):
    help = (
        "Play a whole year of a region on a clock of its own and check what came of it. Runs on a database of its "
        "own that is thrown away; with --here on the configured one, which must be empty."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--region", default="tomsk", help="A preset's name or the path of a preset file.")
        parser.add_argument("--candidates", type=int, default=60, help="How many candidates the year has.")
        parser.add_argument("--seed", type=int, default=1, help="The same seed plays the same year.")
        parser.add_argument("--year", type=int, default=2026, help="The calendar year that is played.")
        parser.add_argument(
            "--here", action="store_true", help="Use the configured database; it must be empty."
        )
        parser.add_argument("--thrown-away", action="store_true", help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("В рабочей установке год не проигрывают: часы портала не переводятся.")
        if options["candidates"] < 1:
            raise CommandError("Кандидатов должно быть не меньше одного.")
        try:
            path = preset_path(options["region"])
        except BadRegulation as error:
            raise CommandError(str(error)) from None
        if options["here"]:
            self._play(path, options)
        else:
            _play_elsewhere(path, options)

    def _play(self, path: Path, options: dict[str, Any]) -> None:
        began, spent = monotonic(), process_time()
        if options["thrown_away"]:
            _hurry()
            _make_tables()
        if User.objects.exists():
            raise CommandError("В базе уже есть люди: год проигрывают только на пустой базе.")
        try:
            edition = load_regulation(str(path))
        except BadRegulation as error:
            raise CommandError(str(error)) from None
        with PressBeside() as press:
            year = play_year(
                edition,
                candidates=options["candidates"],
                seed=options["seed"],
                number=options["year"],
                press=press,
            )
        with at(year.last_day, 23, 59):
            self.stdout.write(account_of(year))
            problems = find_problems()
            digest = digest_of_cases()
        self.stdout.write(f"Отпечаток года: {digest}")
        self.stdout.write(
            f"Секунд: {monotonic() - began:.0f}, из них процессора: {process_time() - spent:.0f}"
        )
        if problems:
            raise CommandError("Найдены несоответствия:\n" + "\n".join(f"— {text}" for text in problems))
        self.stdout.write("Несоответствий нет.")


def _hurry() -> None:
    """The database goes after the year: nothing in it need outlive a failure of power. Little garbage is cyclic."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
    with connection.cursor() as cursor:
        for pragma in ("synchronous=OFF", "journal_mode=MEMORY", "cache_size=-65536", "temp_store=MEMORY"):
            cursor.execute(f"PRAGMA {pragma}")


def _make_tables() -> None:
    """The tables straight from the models: migrations would take a tenth of the year."""
    settings.MIGRATION_MODULES = dict.fromkeys(apps.app_configs)
    call_command("migrate", interactive=False, run_syncdb=True, verbosity=0)


def _play_elsewhere(path: Path, options: dict[str, Any]) -> None:
    """Run on a SQLite file of its own, in a process of its own: the time zone is the region's.

    The folder goes afterwards. Settings that lead to shared things are left out.
    """
    with tempfile.TemporaryDirectory(prefix="reserve-portal-year-") as folder:
        shared = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "TIME_ZONE")
        environment = {
            **{name: value for name, value in os.environ.items() if name not in shared},
            "DATA_DIR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/year.sqlite3",
            "EMAIL_URL": "dummy://",
            "REGION": str(path.resolve()),
            "SECRET_KEY": settings.SECRET_KEY,
        }
        manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
        Path(folder, "static").mkdir()
        numbers = [f"--{name}={options[name]}" for name in ("candidates", "seed", "year")]
        done = subprocess.run(
            [*manage, "run_year", "--here", "--thrown-away", f"--region={path.resolve()}", *numbers],
            env=environment,
            check=False,
        )
    if done.returncode:
        raise SystemExit(done.returncode)
