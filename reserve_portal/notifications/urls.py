from django.urls import path

from . import views

app_name = "notifications"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("example/", views.all_letters, name="all"),
    path("<int:pk>/", views.letter, name="letter"),
]
