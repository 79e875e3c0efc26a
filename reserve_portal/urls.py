"""Addresses of the portal; stages are named by string, so that the machinery imports none of them."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from reserve_portal.core.views import health
from reserve_portal.pages.views import home

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", include("reserve_portal.pages.urls")),
    path("home/", home, name="home"),
    path("health/", health, name="health"),
    path("accounts/", include("allauth.urls")),
    path("letters/", include("reserve_portal.notifications.urls")),
    path("papers/", include("reserve_portal.papers.urls")),
    path("commission/", include("commissions.urls")),
    path("candidate/", include("candidates.urls")),
    path("assessment/", include("assessment.urls")),
    path("reserve/", include("reservists.urls")),
    path("vacancies/", include("vacancies.urls")),
    path("admin/", admin.site.urls),
]
