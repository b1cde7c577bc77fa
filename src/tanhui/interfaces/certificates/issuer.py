"""Who signs this installation's certificates: its address, its names, a key of its own."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from tanhui.books.certificates import Issuer

from ..home import secret


def issuer() -> Issuer:
    """The platform as an issuer; the key differs from the log's, so neither can stand in."""
    return Issuer(
        address=settings.TANHUI_ADDRESS.rstrip("/"),
        name_zh=settings.TANHUI_NAME_ZH,
        name_en=settings.TANHUI_NAME_EN,
        key=Ed25519PrivateKey.from_private_bytes(secret("registry")),
    )
