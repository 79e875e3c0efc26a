"""Identity numbers in the database: sealed with AES-GCM under a named key, found again by a keyed digest.

A stored value reads `key id:base64(nonce + ciphertext)`. New values take the first key of FIELD_KEYS, old ones are
opened with the key they name, so that a key can be replaced without losing what lies under the old one.
"""

import base64
import hashlib
import hmac
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

NONCE = 12
DIGEST_SIGNS = 20


class CannotOpen(Exception):
    """The key of a sealed value is not among FIELD_KEYS, or the value was altered."""


def seal(text: str) -> str:
    """Encrypt `text`; an empty one stays empty."""
    if not text:
        return ""
    name, key = next(iter(settings.FIELD_KEYS.items()))
    nonce = os.urandom(NONCE)
    hidden = AESGCM(key).encrypt(nonce, text.encode(), name.encode())
    return f"{name}:{base64.b64encode(nonce + hidden).decode()}"


def unseal(stored: str) -> str:
    """Return what `seal` took; raises CannotOpen without the key or for an altered value."""
    if not stored:
        return ""
    name, _, text = stored.partition(":")
    try:
        raw = base64.b64decode(text, validate=True)
        return AESGCM(settings.FIELD_KEYS[name]).decrypt(raw[:NONCE], raw[NONCE:], name.encode()).decode()
    except (KeyError, ValueError, InvalidTag) as error:
        raise CannotOpen(f"A value sealed with the key «{name}» cannot be opened.") from error


def blind(text: str, purpose: str) -> str:
    """Return a keyed digest of `text` by which the sealed value is found again; it tells nothing without the key."""
    key = list(settings.FIELD_KEYS.values())[-1]  # the oldest one: digests outlive a change of keys
    return hmac.new(key, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()[:DIGEST_SIGNS]


class SealedField(models.TextField):
    """A text that the database holds sealed; Python sees it open. It cannot be searched: store a `blind` beside it."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return None if value is None else unseal(value)

    def get_prep_value(self, value: Any) -> Any:
        return seal(str(value)) if value else ""
