from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessment.models import Procedure
from assessment.services.imports import apply_import
from assessment.services.preview import (
    CHANGED,
    INVALID,
    LABELS,
    NEW,
    UNCHANGED,
    UNMATCHED,
    Preview,
    preview_import,
)
from reserve_portal.core.gates import GateShut


class Command(BaseCommand):
    help = "Загрузить результаты процедуры из выгрузки Moodle (CSV, XLSX, ODS): всё или ничего"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("procedure", type=int, help="номер процедуры (последнее число её адреса)")
        parser.add_argument("file", type=Path, help="файл выгрузки")
        parser.add_argument("--dry-run", action="store_true", help="только показать, что изменится")
        parser.add_argument("--reason", default="", help="причина, если файл меняет внесённые результаты")

    def handle(self, *args: Any, **options: Any) -> None:
        procedure = Procedure.objects.filter(pk=options["procedure"]).first()
        if procedure is None:
            raise CommandError(f"Процедуры № {options['procedure']} нет.")
        path: Path = options["file"]
        try:
            data = path.read_bytes()
        except OSError as error:
            raise CommandError(f"Файл «{path}» не открывается: {error.strerror}.") from None
        try:
            preview = preview_import(procedure, name=path.name, data=data)
            self._show(preview)
            if options["dry_run"]:
                return
            applied = apply_import(procedure, name=path.name, data=data, actor=None, reason=options["reason"])
        except GateShut as error:
            raise CommandError(str(error)) from None
        what = "Этот файл уже был загружен, ничего не изменилось" if applied.again else "Загружено"
        self.stdout.write(f"{what}, SHA-256 файла {applied.source.sha256}.")

    def _show(self, preview: Preview) -> None:
        for row in preview.rows:
            reasons = f": {' '.join(row.reasons)}" if row.reasons else ""
            self.stdout.write(f"строка {row.line}, {row.name} — {row.label}{reasons}")
        for blocker in preview.blockers():
            self.stdout.write(blocker.text)
        counts = preview.counts
        self.stdout.write(
            ", ".join(f"{LABELS[status]}: {count}" for status, count in counts.items() if count)
        )
        matched = counts[NEW] + counts[CHANGED] + counts[UNCHANGED]
        self.stdout.write(
            f"Сопоставлено: {matched}, изменится: {counts[CHANGED]}, не найдено: {counts[UNMATCHED]}, "
            f"с ошибкой: {counts[INVALID]}."
        )
