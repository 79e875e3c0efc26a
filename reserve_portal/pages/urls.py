from django.urls import path

from . import views

app_name = "pages"
urlpatterns = [
    path("", views.front, name="front"),
    path("o-reserve/<slug:slug>/", views.page, name="page"),
    path("reading/", views.reading, name="reading"),
    path("news/", views.news, name="news"),
    path("materials/<int:pk>/", views.material, name="material"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("news/<int:pk>/", views.news_item, name="news_item"),
]
