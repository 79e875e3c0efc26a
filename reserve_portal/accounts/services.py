"""Writes about people: roles, invitations, reference data."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db import transaction
from django.urls import reverse

from reserve_portal.audit.services import record_event
from reserve_portal.core import clock
from reserve_portal.core.gates import Blocker, GateShut

from .enums import Role
from .models import Municipality, Organisation, User

MUNICIPALITIES = Path(__file__).parent / "data" / "municipalities.json"


@transaction.atomic
def grant_role(user: User, role: str, *, actor: Any) -> None:
    """Give `user` a role; giving it twice changes nothing."""
    if role in user.roles:
        return
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    user.__dict__.pop("roles", None)
    record_event("accounts.grant_role", user, actor=actor, person=user, role=str(role))


@transaction.atomic
def revoke_role(user: User, role: str, *, actor: Any) -> None:
    """Take a role from `user`; taking it twice changes nothing."""
    if role not in user.roles:
        return
    user.groups.remove(Group.objects.get(name=role))
    user.__dict__.pop("roles", None)
    record_event("accounts.revoke_role", user, actor=actor, person=user, role=str(role))


@transaction.atomic
def change_roles(user: User, *, roles: list[str], actor: Any) -> None:
    """Let `user` have exactly these roles; raises GateShut when an administrator would lock himself or herself out."""
    if user == actor and user.has_role(Role.ADMINISTRATOR) and Role.ADMINISTRATOR not in roles:
        raise GateShut(
            [Blocker("Роль администратора у себя забрать нельзя: попросите другого администратора.", "roles")]
        )
    for role in sorted(set(roles) - user.roles):
        grant_role(user, role, actor=actor)
    for role in sorted(user.roles - set(roles)):
        revoke_role(user, role, actor=actor)


@transaction.atomic
def close_account(user: User, *, actor: Any) -> None:
    """Let nobody sign in as `user` any more; name, papers and history stay. Raises GateShut for one's own account."""
    if user == actor:
        raise GateShut([Blocker("Свою учётную запись закрыть нельзя: попросите другого администратора.")])
    _set_active(user, False, "accounts.close", actor)


@transaction.atomic
def reopen_account(user: User, *, actor: Any) -> None:
    """Let `user` sign in again, with the roles left."""
    _set_active(user, True, "accounts.reopen", actor)


def _set_active(user: User, active: bool, deed: str, actor: Any) -> None:
    if User.objects.filter(pk=user.pk, is_active=not active).update(is_active=active):
        user.is_active = active
        record_event(deed, user, actor=actor, person=user)


@transaction.atomic
def create_person(
    email: str, *, roles: list[str], actor: Any, password: str | None = None, **fields: Any
) -> User:
    """Create a person whose address counts as confirmed (invited by staff); fields are those of User."""
    user = User.objects.create_user(email, password, **fields)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    for role in roles:
        grant_role(user, role, actor=actor)
    record_event(
        "accounts.create_person", user, actor=actor, person=user, roles=[str(role) for role in roles]
    )
    return user


@transaction.atomic
def invite_person(email: str, *, roles: list[str], actor: Any, **fields: Any) -> User:
    """Create an official or staff member and send the letter with the link that sets the password."""
    user = create_person(email, roles=roles, actor=actor, **fields)
    send_invitation(user)
    return user


@transaction.atomic
def invite_head(email: str, *, organisation: Organisation, post: str, actor: Any, **names: Any) -> User:
    """Let the head of `organisation` nominate candidates (T1): a new person is invited, a known one gets the role.

    The known person's own names stay. Raises GateShut for a closed account.
    """
    place = {"organisation": organisation, "municipality": organisation.municipality, "post": post}
    user = User.objects.select_for_update(of=("self",)).filter(email__iexact=email).first()
    if user is None:
        return invite_person(email, roles=[Role.NOMINATOR], actor=actor, **names, **place)
    if not user.is_active:
        raise GateShut([Blocker("Учётная запись этого человека закрыта.", "email")])
    if user.municipality_id and user.has_role(Role.MUNICIPAL):
        place.pop("municipality")  # an official's own municipality decides what he or she sees
    for name, value in place.items():
        setattr(user, name, value)
    user.save(update_fields=list(place))
    grant_role(user, Role.NOMINATOR, actor=actor)
    record_event("accounts.name_head", user, actor=actor, person=user, organisation=organisation.pk)
    return user


def send_invitation(user: User) -> None:
    """Send the one-time link that sets a password."""
    get_adapter().send_mail(
        "account/email/invitation", user.email, {"user": user, "password_reset_url": invitation_link(user)}
    )


def invitation_link(user: User) -> str:
    """The link that sets a password; it ends with its first use."""
    uid, key = user_pk_to_url_str(user), default_token_generator.make_token(user)
    return settings.SITE_URL + reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": key})


@transaction.atomic
def make_administrator(email: str, *, actor: Any, **names: Any) -> User:
    """Give the person of this address the role of an administrator; somebody new is created with `names`."""
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        return create_person(email, roles=[Role.ADMINISTRATOR], actor=actor, **names)
    grant_role(user, Role.ADMINISTRATOR, actor=actor)
    return user


@transaction.atomic
def reset_second_factor(user: User, *, actor: Any, reason: str = "") -> None:
    """Remove a lost second factor with its recovery codes, end the person's sessions and tell him or her by letter.

    Who needs one is led to set up a new one at the next sign-in. Raises GateShut when there is none, and for one's own:
    who holds an open session only would get rid of the factor.
    """
    if user == actor:
        raise GateShut([Blocker("Свой второй фактор сбросить нельзя: попросите другого администратора.")])
    removed, _ = Authenticator.objects.filter(user=user).delete()
    if not removed:
        raise GateShut([Blocker("Второй фактор не включён: сбрасывать нечего.")])
    end_sessions(user)
    details = {"reason": reason} if reason else {}
    record_event("accounts.reset_second_factor", user, actor=actor, person=user, **details)
    get_adapter().send_mail("account/email/second_factor_reset", user.email, {"user": user})


def end_sessions(user: User) -> None:
    """Sign `user` out everywhere; a session tells whose it is only inside, and lives half a day at most."""
    living = Session.objects.filter(expire_date__gt=clock.now())
    keys = [row.pk for row in living if row.get_decoded().get(SESSION_KEY) == str(user.pk)]
    Session.objects.filter(pk__in=keys).delete()


@transaction.atomic
def load_municipalities(region_code: str) -> int:
    """Load the municipalities of the region with this federal code; returns how many. Raises LookupError."""
    data = json.loads(MUNICIPALITIES.read_text(encoding="utf-8"))
    for region in data["regions"]:
        if region["region_code"] == region_code:
            return store_municipalities(region["municipalities"])
    raise LookupError(f"No municipalities for region {region_code}")


@transaction.atomic
def store_municipalities(rows: Sequence[Mapping[str, str]]) -> int:
    """Store municipalities given as rows of oktmo and name, those known by their OKTMO anew; returns how many."""
    for row in rows:
        Municipality.objects.update_or_create(oktmo=row["oktmo"], defaults={"name": row["name"]})
    return len(rows)
