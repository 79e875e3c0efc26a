from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reserve_portal.accounts.models import User
from reserve_portal.accounts.services import reset_second_factor
from reserve_portal.core.gates import GateShut


class Command(BaseCommand):
    help = "Remove a lost second factor; the person sets up a new one at the next sign-in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["email"]).first()
        if user is None:
            raise CommandError(f"Нет человека с адресом {options['email']}.")
        try:
            reset_second_factor(user, actor=None)
        except GateShut as shut:
            raise CommandError(shut.blockers[0].text) from None
        self.stdout.write(f"{user.email}: второй фактор сброшен, человеку отправлено письмо.")
