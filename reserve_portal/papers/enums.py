from django.db.models import TextChoices


class Integrity(TextChoices):
    """Three different answers: what could not be checked says nothing about the document."""

    VALID = "valid", "целостность подтверждена"
    ALTERED = "altered", "документ или подпись изменены"
    UNCHECKED = "unchecked", "проверить не удалось"


class Trust(TextChoices):
    """Trust in the certificate, only against the roots that the administrator loaded."""

    TRUSTED = "trusted", "сертификат доверенный"
    UNKNOWN = "unknown", "доверие к сертификату не проверено"
    NOT_IN_TERM = "not_in_term", "сертификат не действовал в момент подписания"


class SignatureForm(TextChoices):
    SCAN = "scan", "скан подписанного документа"
    DETACHED = "detached", "отсоединённая электронная подпись"
