from django.urls import path

from .views import appeals, conclusions, experts, procedures

app_name = "assessment"
urlpatterns = [
    path("announced/<int:pk>/", procedures.announced, name="announced"),
    path("procedures/<int:pk>/", procedures.procedure, name="procedure"),
    path("procedures/<int:pk>/results/", procedures.results, name="results"),
    path("tracks/<int:pk>/decline/", procedures.decline, name="decline"),
    path("procedures/<int:procedure>/tracks/<int:track>/appeal/", appeals.appeal, name="appeal"),
    path("appeals/<int:pk>/take-back/", appeals.take_back, name="take_back_appeal"),
    path("routes/<int:pk>/", procedures.route, name="route"),
    path("sheets/", experts.sheets, name="sheets"),
    path("sheets/<int:pk>/", experts.sheet, name="sheet"),
    path("sheets/<int:pk>/decline/", experts.decline, name="decline_sheet"),
    path("tracks/<int:track>/conclusion/", conclusions.conclusion, name="conclusion"),
    path("tracks/<int:track>/conclusion/pdf/", conclusions.conclusion_paper, name="conclusion_paper"),
    path("borders/<int:pk>/file/", conclusions.borders_file, name="borders_file"),
]
