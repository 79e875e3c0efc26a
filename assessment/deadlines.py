from reserve_portal.regulations.deadlines import register_event

register_event("procedure.scheduled", "Назначено начало процедуры оценки")
register_event("procedure.invited", "Кандидаты приглашены")
register_event("procedure.questions_published", "Примерные вопросы опубликованы")
register_event("procedure.ended", "Процедура оценки закончилась")
register_event("appeal.possible", "Кандидат узнал, на что можно подать апелляцию")
register_event("appeal.filed", "Апелляция подана")
register_event("appeal.answered", "На апелляцию дан ответ")
register_event("procedure.list_approved", "Список для включения утверждён")
register_event("inclusion.sent_for_order", "Протокол результатов передан для приказа")
register_event("inclusion.decided", "Решение о включении принято")
register_event("inclusion.notified", "Участники оповещены о результате")
