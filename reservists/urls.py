from django.urls import path

from .views import events, people, public, registry

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
]
