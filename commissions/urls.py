from django.urls import path

from .views import conflicts, corrections, items, materials, meetings, orders, papers, polls, replay, signing

app_name = "commissions"
urlpatterns = [
    path("", meetings.meeting_list, name="meetings"),
    path("meetings/<int:pk>/", meetings.meeting, name="meeting"),
    path("meetings/<int:pk>/open/", meetings.open_, name="open"),
    path("meetings/<int:pk>/attendance/", meetings.attendance, name="attendance"),
    path("meetings/<int:pk>/close/", meetings.close, name="close"),
    path("meetings/<int:pk>/cancel/", meetings.cancel, name="cancel"),
    path("meetings/<int:pk>/calendar.ics", meetings.calendar, name="calendar"),
    path("meetings/<int:pk>/extend/", polls.extend, name="extend"),
    path("meetings/<int:pk>/sign/", signing.sign, name="sign"),
    path("items/<int:pk>/", items.item, name="item"),
    path("items/<int:pk>/remind/", polls.remind, name="remind"),
    path("items/<int:pk>/materials/", materials.add, name="add-material"),
    path("materials/<int:pk>/", materials.download, name="material"),
    path("materials/<int:pk>/remove/", materials.remove, name="remove-material"),
    path("items/<int:pk>/correct/", corrections.correct, name="correct"),
    path("items/<int:pk>/vote/", items.vote, name="vote"),
    path("items/<int:pk>/open-voting/", items.open_voting, name="open-voting"),
    path("items/<int:pk>/close-voting/", items.close_voting, name="close-voting"),
    path("items/<int:pk>/reopen-voting/", items.reopen_voting, name="reopen-voting"),
    path("items/<int:pk>/remove/", items.remove, name="remove-item"),
    path("items/<int:pk>/discussion/", items.discussion, name="discussion"),
    path("items/<int:pk>/lines/<int:line_pk>/conflict/", conflicts.declare, name="conflict"),
    path("lines/<int:pk>/replay/", replay.replay, name="replay"),
    path("decisions/", papers.own_decisions, name="own-decisions"),
    path("results/<int:pk>/extract/", papers.extract, name="extract"),
    path("orders/", orders.order_list, name="orders"),
    path("orders/<int:pk>/", orders.order, name="order"),
    path("orders/<int:pk>/file/", orders.order_file, name="order-file"),
]
