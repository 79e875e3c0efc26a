"""Deeds with accounts, as the journal names them."""

from reserve_portal.audit.deeds import name_deeds
from reserve_portal.audit.words import name_values

from .enums import Role

name_deeds(
    {
        "accounts.close": "Учётная запись закрыта",
        "accounts.create_person": "Учётная запись создана",
        "accounts.grant_role": "Роль дана",
        "accounts.import_organisations": "Справочник организаций загружен",
        "accounts.name_head": "Руководитель организации назван",
        "accounts.reopen": "Учётная запись открыта снова",
        "accounts.reset_second_factor": "Второй фактор входа сброшен",
        "accounts.revoke_role": "Роль отозвана",
    }
)

for _key in ("role", "roles"):
    name_values(_key, {role.value: str(role.label) for role in Role})
