"""Deeds with editions of the rules, as the journal names them."""

from reserve_portal.audit.deeds import name_deeds

name_deeds(
    {
        "regulations.change": "Редакция положения изменена",
        "regulations.copy": "Редакция положения скопирована",
        "regulations.freeze": "Редакция положения зафиксирована",
        "regulations.load": "Редакция положения загружена",
        "regulations.put_in_force": "Редакция положения введена в действие",
    }
)
