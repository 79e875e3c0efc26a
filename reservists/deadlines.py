from reserve_portal.regulations.deadlines import register_event

register_event("registry.approved", "Реестр утверждён")
register_event("registry.published", "Список резервистов опубликован")
register_event("dissemination.stopped", "Публикация сведений прекращена")
register_event("events_plan.published", "План мероприятий опубликован")

register_event("reservist.included", "Включён в кадровый резерв")
register_event("plan.agreed", "План развития согласован")
register_event("plan.copied", "Копия плана направлена в уполномоченный орган")
register_event("plan_quarter.began", "Начался квартал плана развития")
register_event("report.submitted", "Квартальный отчёт представлен")
register_event("mentor_quarter.ended", "Закончился квартал, о котором отчитывается наставник")
register_event("mentor_report.submitted", "Отчёт наставника представлен")
register_event("registry.revised", "Реестр обновлён или проверен")
register_event("exclusion.decided_by_body", "Орган рекомендовал исключить из резерва")
register_event("exclusion.sent_to_ministry", "Список на исключение направлен")
register_event("effectiveness.reported", "Отчёт об эффективности выпущен")
