from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "reserve_portal.notifications"
    label = "notifications"
    verbose_name = "Письма"
