from typing import Any

from django.core.management.base import BaseCommand

from reserve_portal.accounts.models import User
from reserve_portal.simulation.cast import ACCOUNTS, DOMAIN, PASSWORD


class Command(BaseCommand):
    help = "Print the accounts of the living example."

    def handle(self, *args: Any, **options: Any) -> None:
        there = set(User.objects.filter(email__endswith=f"@{DOMAIN}").values_list("email", flat=True))
        self.stdout.write(f"Пароль у всех один: {PASSWORD}")
        for name, who in ACCOUNTS:
            if f"{name}@{DOMAIN}" in there:
                self.stdout.write(f"  {f'{name}@{DOMAIN}':<26}{who}")
