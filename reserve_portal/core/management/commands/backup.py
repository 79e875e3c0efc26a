from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from reserve_portal.core import clock
from reserve_portal.core.backup.errors import BackupRefused
from reserve_portal.core.backup.services import take_backup


class Command(BaseCommand):
    help = "Copy database and files into one archive while the portal is in use."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="The new archive; by default a dated one.")

    def handle(self, *args: Any, **options: Any) -> None:
        moment = f"{clock.local(clock.now()):%Y-%m-%d-%H%M%S}"
        target: Path = options["file"] or settings.DATA_DIR / "backups" / f"reserve-{moment}.tar"
        try:
            done = take_backup(target.absolute())
        except BackupRefused as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"Копия готова: {target}. Строк {done.rows}, файлов {done.files}, "
            f"{done.size / 1_048_576:.1f} МБ. Храните её на другой машине; ключ SECRET_KEY — отдельно от неё."
        )
        if done.removed:
            self.stdout.write(f"Пока шло копирование, удалены файлы: {', '.join(done.removed)}.")
        if done.lost:
            self.stderr.write(f"Внимание: в папке нет файлов, о которых знает база: {', '.join(done.lost)}.")
