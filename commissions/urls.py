from django.urls import path

from .views import conflicts, items, meetings, orders

app_name = "commissions"
urlpatterns = [
    path("", meetings.meeting_list, name="meetings"),
    path("meetings/<int:pk>/", meetings.meeting, name="meeting"),
    path("meetings/<int:pk>/open/", meetings.open_, name="open"),
    path("meetings/<int:pk>/attendance/", meetings.attendance, name="attendance"),
    path("meetings/<int:pk>/close/", meetings.close, name="close"),
    path("meetings/<int:pk>/cancel/", meetings.cancel, name="cancel"),
    path("items/<int:pk>/", items.item, name="item"),
    path("items/<int:pk>/vote/", items.vote, name="vote"),
    path("items/<int:pk>/open-voting/", items.open_voting, name="open-voting"),
    path("items/<int:pk>/close-voting/", items.close_voting, name="close-voting"),
    path("items/<int:pk>/reopen-voting/", items.reopen_voting, name="reopen-voting"),
    path("items/<int:pk>/remove/", items.remove, name="remove-item"),
    path("items/<int:pk>/discussion/", items.discussion, name="discussion"),
    path("items/<int:pk>/lines/<int:line_pk>/conflict/", conflicts.declare, name="conflict"),
    path("orders/", orders.order_list, name="orders"),
    path("orders/<int:pk>/", orders.order, name="order"),
    path("orders/<int:pk>/file/", orders.order_file, name="order-file"),
]
