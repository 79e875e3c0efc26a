from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from reserve_portal.core.backup.errors import BackupRefused
from reserve_portal.core.backup.services import restore_backup


class Command(BaseCommand):
    help = "Restore an archive of `backup` into an empty database and an empty folder, and check what came."
    # The database is empty, nothing to check it against.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = restore_backup(options["file"].absolute())
        except BackupRefused as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"Восстановлено: строк {done.rows}, файлов {done.files} ({done.size / 1_048_576:.1f} МБ); "
            "число строк каждой таблицы и SHA-256 каждого файла совпали с архивом."
        )
        if done.removed:
            self.stdout.write(
                f"Этих файлов в копии нет, их удалили при копировании: {', '.join(done.removed)}."
            )
        call_command("migrate", interactive=False, verbosity=0)
        call_command("verify_audit", stdout=self.stdout)
