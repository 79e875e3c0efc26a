from django.urls import path

from . import views

app_name = "papers"
urlpatterns = [
    path("check/", views.check, name="check"),
    path("<int:pk>/", views.download, name="download"),
    path("signatures/<int:pk>/", views.signature, name="signature"),
]
