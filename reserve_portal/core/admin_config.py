from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig


class AdminConfig(DjangoAdminConfig):
    """Django's admin with the portal's own site in it."""

    default_site = "reserve_portal.core.admin_site.PortalAdminSite"
