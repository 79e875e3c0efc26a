import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from reserve_portal.accounts.models import Municipality
from reserve_portal.accounts.services import load_municipalities
from reserve_portal.core.management.commands.load_calendar import BUNDLED
from reserve_portal.core.models import CalendarYear
from reserve_portal.core.services import load_calendar
from reserve_portal.pages.services import load_pages
from reserve_portal.regulations.models import Edition
from reserve_portal.regulations.services import BadRegulation, load_regulation


class Command(BaseCommand):
    help = "Load what a new installation needs and does not have yet: calendar, regulation, municipalities, pages."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("region", help="A preset's name or the path of a preset file.")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        self._load_calendar()
        edition = Edition.objects.filter(in_force=True).first()
        if edition is None:
            try:
                edition = load_regulation(options["region"])
            except BadRegulation as error:
                raise CommandError(str(error)) from None
            self.stdout.write(f"Загружена редакция: {edition.name}.")
        if not Municipality.objects.exists():
            self.stdout.write(f"Муниципальных образований: {load_municipalities(edition.region_code)}.")
        self.stdout.write(f"Новых страниц сайта: {load_pages(edition)}.")

    def _load_calendar(self) -> None:
        """Years that are there stay: an administrator may have loaded a newer decree."""
        data = json.loads(BUNDLED.read_text(encoding="utf-8"))
        known = set(CalendarYear.objects.values_list("year", flat=True))
        missing = {year: content for year, content in data["years"].items() if int(year) not in known}
        if missing:
            years = load_calendar({**data, "years": missing})
            self.stdout.write(f"Загружен календарь: {', '.join(map(str, years))}.")
