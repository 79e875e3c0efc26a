from django.urls import path

from .views import authority, defence, heads, municipal, reservist

app_name = "vacancies"
urlpatterns = [
    path("", municipal.vacancy_list, name="list"),
    path("report/", municipal.report, name="report"),
    path("heads/", heads.head_list, name="heads"),
    path("heads/enter/", heads.enter, name="head_enter"),
    path("heads/import/", heads.import_page, name="heads_import"),
    path("heads/sample/", heads.sample, name="heads_sample"),
    path("coverage/", heads.coverage, name="coverage"),
    path("<int:pk>/", municipal.case, name="case"),
    path("<int:pk>/appoint/", municipal.appoint, name="appoint"),
    path("<int:pk>/cancel/", municipal.cancel, name="cancel"),
    path("appointments/<int:pk>/fall-through/", municipal.undo_appointment, name="fall_through"),
    path("offers/", reservist.offers, name="offers"),
    path("offers/<int:pk>/", reservist.offer, name="offer"),
    path("offers/<int:pk>/accept/", reservist.accept, name="accept"),
    path("offers/<int:pk>/refuse/", reservist.refuse, name="refuse"),
    path("offers/<int:pk>/concept/", reservist.upload, name="upload"),
    path("offers/<int:pk>/defence.ics", reservist.defence_calendar, name="defence_calendar"),
    path("concepts/<int:pk>/", defence.concept, name="concept"),
    path("nominees/<int:pk>/", defence.nominee, name="nominee"),
    path("defences/", defence.defences, name="defences"),
    path("defences/<int:pk>/", defence.defence, name="defence"),
    path("sheets/<int:pk>/", defence.sheet, name="sheet"),
    path("sheets/<int:pk>/print/", defence.print_sheet, name="print_sheet"),
    path("agreements/", authority.agreements, name="agreements"),
    path("agreements/<int:pk>/", authority.agreement, name="agreement"),
]
