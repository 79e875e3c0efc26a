"""allauth's letters and names go the portal's way."""

from typing import Any
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from django.db import transaction
from django.http import HttpRequest

from reserve_portal.accounts.enums import Role
from reserve_portal.accounts.models import User
from reserve_portal.accounts.services import grant_role
from reserve_portal.core import clock

from .services import store_letter


class AccountAdapter(DefaultAccountAdapter):
    """Stores account letters in the outbox; who signs up by himself or herself is a candidate."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Store an account letter rendered from `template_prefix` (`_subject.txt`, `_message.txt`)."""
        message = self.render_mail(template_prefix, email, context)
        user = context.get("user") or User.objects.filter(email__iexact=email).first()
        code = "account." + template_prefix.rsplit("/", 1)[-1]
        with transaction.atomic():
            store_letter(
                code,
                to=user if user and user.pk else None,
                address=email,
                key=f"{code}:{uuid4()}",
                subject_line=message.subject,
                body=str(message.body),
                in_cabinet=False,  # links that sign in or set a password do not belong in a list of letters
            )

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Store the person with names and the role of a candidate."""
        data = form.cleaned_data
        for field in ("last_name", "first_name", "patronymic"):
            setattr(user, field, data.get(field, "").strip())
        super().save_user(request, user, form, commit=False)
        user.email = user.email.lower()
        user.date_joined = clock.now()
        user.set_search_key()
        with transaction.atomic():
            user.save()
            grant_role(user, Role.CANDIDATE, actor=user)
        return user
