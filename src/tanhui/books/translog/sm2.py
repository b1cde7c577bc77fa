"""SM2 signatures with SM3 (GM/T 0003, GM/T 0009) by the machine's own OpenSSL 3.

The twin of the main log is signed so for auditors who ask for 国密. Software SM2 gives
interoperability, not the certification (密评) that needs certified modules. A machine whose
OpenSSL has no SM2 says so with `sm.unavailable`; the main log does not need it.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import hashlib
from dataclasses import dataclass
from functools import cache

from tanhui.core.errors import Unavailable

from .notes import SM2

USER_ID = b"1234567812345678"  # GM/T 0009-2012, section 10: the default identity
_NID_SM2 = 1172
_POINT_BYTES = 65
# SubjectPublicKeyInfo of a point on the SM2 curve (GB/T 33560: 1.2.156.10197.1.301)
_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")


def sm3(data: bytes) -> bytes:
    """SM3, the hash of the twin log; raises Unavailable where OpenSSL has none."""
    try:
        return hashlib.new("sm3", data).digest()
    except ValueError as error:
        raise unavailable() from error


def unavailable() -> Unavailable:
    """This machine cannot do SM2 and SM3."""
    return Unavailable(
        "sm.unavailable",
        zh="本机的 OpenSSL 没有 SM2/SM3；主日志不受影响。"
        "需要国密副本时，请安装带国密算法的 OpenSSL 3。",
        en="This machine's OpenSSL has no SM2/SM3; the main log does not need it. For the SM twin, "
        "install an OpenSSL 3 built with them.",
    )


def is_available() -> bool:
    """Whether this machine can keep an SM twin."""
    try:
        sm3(b"")
        key = generate()
        return is_signature(public_of(key), b"", Sm2Signer("self", key).sign(b""))
    except Unavailable:
        return False


@dataclass(frozen=True)
class Sm2Signer:
    """Signs notes with an SM2 key given as PKCS#8 bytes."""

    name: str
    key: bytes

    @property
    def public(self) -> bytes:
        """The type, spelled out, and the uncompressed point."""
        return SM2 + public_of(self.key)

    def sign(self, text: bytes) -> bytes:
        """An ASN.1 pair of r and s."""
        lib = _library()
        with _Owned(_private(self.key), lib.EVP_PKEY_free) as key, _context(key, "Sign") as context:
            length = ctypes.c_size_t(0)
            _done(lib.EVP_DigestSign(context, None, ctypes.byref(length), text, len(text)))
            buffer = ctypes.create_string_buffer(length.value)
            _done(lib.EVP_DigestSign(context, buffer, ctypes.byref(length), text, len(text)))
            return buffer.raw[: length.value]


def is_signature(point: bytes, text: bytes, signature: bytes) -> bool:
    """Whether an SM2 signature of a public point fits; raises Unavailable without SM2."""
    lib = _library()
    spki = _SPKI + point
    start = ctypes.c_char_p(spki)
    found = lib.d2i_PUBKEY(None, ctypes.byref(start), len(spki))
    if len(point) != _POINT_BYTES or not found:
        lib.ERR_clear_error()
        return False
    with _Owned(found, lib.EVP_PKEY_free) as key, _context(key, "Verify") as context:
        fits: int = lib.EVP_DigestVerify(context, signature, len(signature), text, len(text))
        lib.ERR_clear_error()
        return fits == 1


def generate() -> bytes:
    """A new private key, PKCS#8; raises Unavailable without SM2."""
    lib = _library()
    with _Owned(lib.EVP_PKEY_CTX_new_id(_NID_SM2, None), lib.EVP_PKEY_CTX_free) as context:
        if not context or lib.EVP_PKEY_keygen_init(context) != 1:
            raise unavailable()
        key = ctypes.c_void_p()
        _done(lib.EVP_PKEY_keygen(context, ctypes.byref(key)))
    with (
        _Owned(key.value, lib.EVP_PKEY_free) as made,
        _Owned(lib.EVP_PKEY2PKCS8(made), lib.PKCS8_PRIV_KEY_INFO_free) as info,
    ):
        return _encoded(lib.i2d_PKCS8_PRIV_KEY_INFO, info)


def public_of(key: bytes) -> bytes:
    """The uncompressed point (65 bytes) of a private key."""
    lib = _library()
    with _Owned(_private(key), lib.EVP_PKEY_free) as found:
        return _encoded(lib.i2d_PUBKEY, found)[-_POINT_BYTES:]


class _Owned:
    """Frees what OpenSSL gave, whatever happens."""

    def __init__(self, pointer: int | None, free: ctypes._NamedFuncPointer) -> None:
        self.pointer, self.free = pointer, free

    def __enter__(self) -> int | None:
        return self.pointer

    def __exit__(self, *_: object) -> None:
        self.free(self.pointer)


def _context(key: int | None, verb: str) -> _Owned:
    """A digest context that signs or verifies with SM3 and the default identity."""
    lib = _library()
    owned = _Owned(lib.EVP_MD_CTX_new(), lib.EVP_MD_CTX_free)
    inner = ctypes.c_void_p()
    start = getattr(lib, f"EVP_Digest{verb}Init")
    digest = lib.EVP_get_digestbyname(b"SM3")
    if not digest or start(owned.pointer, ctypes.byref(inner), digest, None, key) != 1:
        owned.free(owned.pointer)
        raise unavailable()
    _done(lib.EVP_PKEY_CTX_set1_id(inner, USER_ID, len(USER_ID)))
    return owned


def _private(key: bytes) -> int | None:
    lib = _library()
    start = ctypes.c_char_p(key)
    found: int | None = lib.d2i_AutoPrivateKey(None, ctypes.byref(start), len(key))
    if not found:
        raise unavailable()
    return found


def _encoded(write: ctypes._NamedFuncPointer, what: int | None) -> bytes:
    length = write(what, None)
    buffer = ctypes.create_string_buffer(length)
    start = ctypes.c_void_p(ctypes.addressof(buffer))
    _done(write(what, ctypes.byref(start)) == length)
    return buffer.raw


def _done(answer: int) -> None:
    if answer != 1:
        raise unavailable()


_POINTERS = (
    "EVP_MD_CTX_new",
    "EVP_PKEY_CTX_new_id",
    "EVP_PKEY2PKCS8",
    "EVP_get_digestbyname",
    "d2i_AutoPrivateKey",
    "d2i_PUBKEY",
)
_ARGUMENTS: dict[str, list[object]] = {
    "EVP_MD_CTX_new": [],
    "EVP_MD_CTX_free": [ctypes.c_void_p],
    "EVP_PKEY_free": [ctypes.c_void_p],
    "EVP_PKEY_CTX_new_id": [ctypes.c_int, ctypes.c_void_p],
    "EVP_PKEY_CTX_free": [ctypes.c_void_p],
    "EVP_PKEY_CTX_set1_id": [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int],
    "EVP_PKEY_keygen_init": [ctypes.c_void_p],
    "EVP_PKEY_keygen": [ctypes.c_void_p, ctypes.c_void_p],
    "EVP_PKEY2PKCS8": [ctypes.c_void_p],
    "PKCS8_PRIV_KEY_INFO_free": [ctypes.c_void_p],
    "i2d_PKCS8_PRIV_KEY_INFO": [ctypes.c_void_p, ctypes.c_void_p],
    "i2d_PUBKEY": [ctypes.c_void_p, ctypes.c_void_p],
    "d2i_PUBKEY": [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_long],
    "d2i_AutoPrivateKey": [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_long],
    "EVP_get_digestbyname": [ctypes.c_char_p],
    "EVP_DigestSignInit": [ctypes.c_void_p] * 5,
    "EVP_DigestVerifyInit": [ctypes.c_void_p] * 5,
    "EVP_DigestSign": [
        ctypes.c_void_p,
        ctypes.c_void_p,
        ctypes.c_void_p,
        ctypes.c_char_p,
        ctypes.c_size_t,
    ],
    "EVP_DigestVerify": [
        ctypes.c_void_p,
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.c_char_p,
        ctypes.c_size_t,
    ],
    "ERR_clear_error": [],
}


@cache
def _library() -> ctypes.CDLL:
    """The machine's libcrypto with the types of what we call; raises Unavailable."""
    name = ctypes.util.find_library("crypto")
    try:
        lib = ctypes.CDLL(name) if name else None
        for function, arguments in _ARGUMENTS.items():
            call = getattr(lib, function)
            call.argtypes = arguments
            if function in _POINTERS:
                call.restype = ctypes.c_void_p
    except (OSError, AttributeError, TypeError) as error:
        raise unavailable() from error
    assert lib is not None
    return lib
