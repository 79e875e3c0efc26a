from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from reserve_portal.accounts.services import invitation_link, make_administrator


class Command(BaseCommand):
    help = "Make somebody an administrator and print the one-time link that sets the password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--last-name", default="Администратор")
        parser.add_argument("--first-name", default="портала")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            validate_email(options["email"])
        except ValidationError:
            raise CommandError(f"Не похоже на адрес электронной почты: {options['email']}") from None
        user = make_administrator(
            options["email"], actor=None, last_name=options["last_name"], first_name=options["first_name"]
        )
        if user.has_usable_password():
            self.stdout.write(f"{user.email}: роль администратора есть, вход — с прежним паролем.")
            return
        self.stdout.write(
            f"{user.email}: роль администратора есть. Пароль задают по ссылке, она одноразовая:"
        )
        self.stdout.write(invitation_link(user))
