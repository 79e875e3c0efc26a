from django.urls import path

from . import views

app_name = "assessment"
urlpatterns = [
    path("announced/<int:pk>/", views.announced, name="announced"),
    path("procedures/<int:pk>/", views.procedure, name="procedure"),
    path("procedures/<int:pk>/results/", views.results, name="results"),
    path("tracks/<int:pk>/decline/", views.decline, name="decline"),
    path("routes/<int:pk>/", views.route, name="route"),
]
