from django.urls import path

from .views import events, mentors, people, plans, public, registry, reports

app_name = "reservists"
urlpatterns = [
    path("mine/", people.mine, name="mine"),
    path("people/", people.PeopleList.as_view(), name="people"),
    path("people/<int:pk>/", people.person, name="person"),
    path("events/", events.EventList.as_view(), name="events"),
    path("events/<int:pk>/", events.event, name="event"),
    path("events/<int:pk>/register/", events.register, name="register"),
    path("events/<int:pk>/refuse/", events.refuse, name="refuse"),
    path("registry/", registry.registries, name="registries"),
    path("registry/<int:pk>/", registry.registry, name="registry"),
    path("registry/<int:pk>/progress/", registry.progress, name="registry_progress"),
    path("registry/<int:pk>/table/", registry.table, name="registry_table"),
    path("list/", public.public_list, name="public_list"),
    path("plan/", public.newest_plan, name="newest_plan"),
    path("plan/<int:year>/", public.plan, name="plan"),
    # --- mentors, plans and reports
    path("mentees/", mentors.Mentees.as_view(), name="mentees"),
    path("development/", mentors.Monitoring.as_view(), name="monitoring"),
    path("development/mine/", plans.my_plans, name="my_plans"),
    path("development/start/<int:pk>/", plans.start, name="plan_start"),
    path("development/<int:pk>/", plans.plan_page, name="development_plan"),
    path("development/<int:pk>/edit/", plans.edit, name="plan_edit"),
    path("development/<int:pk>/items/add/", plans.item, name="plan_item_add"),
    path("development/<int:pk>/items/<int:item_pk>/", plans.item, name="plan_item"),
    path("development/<int:pk>/items/<int:item_pk>/remove/", plans.remove_item, name="plan_item_remove"),
    path("development/<int:pk>/items/<int:item_pk>/progress/", plans.progress, name="plan_progress"),
    path("development/<int:pk>/submit/", plans.submit, name="plan_submit"),
    path("development/<int:pk>/copy/", plans.copy, name="plan_copy"),
    path("development/<int:pk>/change/", plans.change, name="plan_change"),
    path("development/<int:pk>/discard/", plans.discard, name="plan_discard"),
    path("development/<int:pk>/agree/", plans.agree, name="plan_agree"),
    path("development/<int:pk>/return/", plans.send_back, name="plan_return"),
    path("reports/<int:pk>/", reports.report_page, name="report"),
    path("reports/<int:pk>/edit/", reports.edit, name="report_edit"),
    path("reports/<int:pk>/rows/<int:row_pk>/", reports.row, name="report_row"),
    path("reports/<int:pk>/submit/", reports.submit, name="report_submit"),
    path("reports/<int:pk>/accept/", reports.accept, name="report_accept"),
    path("reports/<int:pk>/return/", reports.send_back, name="report_return"),
]
