from reserve_portal.regulations.deadlines import register_event

register_event("registry.approved", "Реестр утверждён")
register_event("registry.published", "Список резервистов опубликован")
register_event("year.began", "Начался календарный год")
register_event("events_plan.published", "План мероприятий опубликован")
