"""The account, for the person's own copy of the data."""

from typing import Any

from reserve_portal.core.personal_data import Part, described, personal_data_source

from .enums import Role

FIELDS = (
    "email",
    "last_name",
    "first_name",
    "patronymic",
    "phone",
    "post",
    "municipality",
    "organisation",
    "date_joined",
    "last_login",
)


@personal_data_source("account", "Учётная запись")
def account(user: Any) -> Part:
    """The person's own account; the password and the second factor are secrets, also from the archive."""
    roles = [str(Role(code).label) for code in sorted(user.roles) if code in Role.values]
    return Part([described(user, *FIELDS) | {"Роли": roles}])
