from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "reserve_portal.accounts"
    label = "accounts"
    verbose_name = "Люди и организации"
