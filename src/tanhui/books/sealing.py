"""Bytes sealed under a key of the key store: AES-256-GCM, or SM4-GCM where 国密 is asked for.

    sealed = nonce (12 random bytes) | ciphertext | tag (16 bytes)

The key that seals is derived from the store's, so that it is no other key of the same person, and
what is sealed is bound to its place (`context`): moved elsewhere, it does not open. Who destroys
the key in the store destroys what it sealed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tanhui.core.errors import InputRefused, ProofFailed

NONCE_BYTES, TAG_BYTES = 12, 16
_PURPOSE = b"tanhui seal"

Work = Callable[[bytes, bytes, bytes, bytes], bytes]  # key, nonce, data, context -> data


@dataclass(frozen=True)
class Sealer:
    """One way of sealing, by its name in settings and files."""

    name: str
    key_bytes: int
    encrypt: Work
    decrypt: Work

    def seal(self, key: bytes, data: bytes, context: bytes) -> bytes:
        """The data so that only `key` at this place opens it."""
        return self.seal_all([key], [data], context)[0]

    def seal_all(self, keys: Sequence[bytes], data: Sequence[bytes], context: bytes) -> list[bytes]:
        """Many pieces of one place, each under its key."""
        random = os.urandom(NONCE_BYTES * len(data))
        nonces = [random[at : at + NONCE_BYTES] for at in range(0, len(random), NONCE_BYTES)]
        return [
            nonce + self.encrypt(self._derived(key), nonce, each, context)
            for key, nonce, each in zip(keys, nonces, data, strict=True)
        ]

    def open(self, key: bytes, sealed: bytes, context: bytes) -> bytes:
        """What was sealed; raises ProofFailed when it was changed, moved, or has another key."""
        nonce, data = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return self.decrypt(self._derived(key), nonce, data, context)
        except (InvalidTag, ValueError) as error:
            raise ProofFailed(
                "seal.broken",
                zh="加密的存证无法打开：内容、位置或密钥与封存时不同；"
                "请运行 tanhui prove，并从备份恢复。",
                en="Sealed evidence does not open: its content, place or key is not the one it was "
                "sealed with. Run `tanhui prove` and restore from a backup.",
            ) from error

    def _derived(self, key: bytes) -> bytes:
        return blake2b(key=key, digest_size=self.key_bytes, person=_PURPOSE).digest()


def _aes(key: bytes, nonce: bytes, data: bytes, context: bytes) -> bytes:
    return AESGCM(key).encrypt(nonce, data, context)


def _aes_open(key: bytes, nonce: bytes, data: bytes, context: bytes) -> bytes:
    return AESGCM(key).decrypt(nonce, data, context)


def _sm4(key: bytes, nonce: bytes, data: bytes, context: bytes) -> bytes:
    worker = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    worker.authenticate_additional_data(context)
    return worker.update(data) + worker.finalize() + worker.tag


def _sm4_open(key: bytes, nonce: bytes, data: bytes, context: bytes) -> bytes:
    mode = modes.GCM(nonce, data[-TAG_BYTES:])
    worker = Cipher(algorithms.SM4(key), mode).decryptor()
    worker.authenticate_additional_data(context)
    return worker.update(data[:-TAG_BYTES]) + worker.finalize()


AES_256_GCM = Sealer("aes-256-gcm", 32, _aes, _aes_open)
SM4_GCM = Sealer("sm4-gcm", 16, _sm4, _sm4_open)
SEALERS = {each.name: each for each in (AES_256_GCM, SM4_GCM)}


def sealer(name: str) -> Sealer:
    """The way of sealing of that name; raises InputRefused for an unknown one."""
    if name not in SEALERS:
        raise InputRefused(
            "seal.unknown",
            zh=f"没有加密方式“{name[:40]}”；TANHUI_SEAL 可为 {'、'.join(SEALERS)}。",
            en=f"There is no way of sealing '{name[:40]}'; TANHUI_SEAL may be "
            f"{', '.join(SEALERS)}.",
        )
    return SEALERS[name]
