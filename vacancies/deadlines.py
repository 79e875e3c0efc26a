from reserve_portal.regulations.deadlines import register_event

register_event("vacancy.arose", "Возникла вакансия")
register_event("vacancy.reported", "О вакансии сообщено")
