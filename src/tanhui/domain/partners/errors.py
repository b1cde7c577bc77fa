"""What partners can refuse."""

from __future__ import annotations

from tanhui.core.errors import Conflict, Denied, InputRefused, NotFound


def partner_unknown(code: str) -> NotFound:
    """No partner has this code."""
    return NotFound(
        "partner.unknown",
        zh=f"没有代码为“{code[:40]}”的合作平台；请先登记，或检查代码。",
        en=f"No partner has the code '{code[:40]}'; register it first or check the code.",
    )


def code_malformed(code: str) -> InputRefused:
    """A code that cannot stand in a URL."""
    return InputRefused(
        "partner.code.malformed",
        zh=f"“{code[:40]}”不能作合作平台代码；"
        "请用 2 至 40 个小写字母、数字或连字符，如 wuhan-metro。",
        en=f"'{code[:40]}' cannot be a partner code; use 2 to 40 lower-case letters, digits or "
        "hyphens, such as wuhan-metro.",
    )


def name_malformed(name: str, chars_max: int) -> InputRefused:
    """A name that is empty, too long or cannot be shown."""
    return InputRefused(
        "partner.name.malformed",
        zh=f"“{name[:40]}”不能作合作平台名称；请用 1 至 {chars_max} 个可见字符。",
        en=f"'{name[:40]}' cannot be a partner's name; use 1 to {chars_max} printable characters.",
    )


def partner_exists(code: str) -> Conflict:
    """The code is taken by a partner with other names."""
    return Conflict(
        "partner.exists",
        zh=f"代码“{code}”已登记给另一家合作平台；请换一个代码。",
        en=f"The code '{code}' is registered with other names; choose another code.",
    )


def key_malformed(size: int) -> InputRefused:
    """Not an Ed25519 public key."""
    return InputRefused(
        "partner.key.malformed",
        zh=f"Ed25519 公钥应为 32 字节，收到 {size} 字节。",
        en=f"An Ed25519 public key has 32 bytes, this one has {size}.",
    )


def key_id_malformed(key_id: str, chars_max: int) -> InputRefused:
    """A key id that cannot stand in a signature."""
    return InputRefused(
        "partner.key.id_malformed",
        zh=f"“{key_id[:40]}”不能作密钥编号；请用 1 至 {chars_max} 个可见 ASCII 字符，"
        "不含引号和反斜杠。",
        en=f"'{key_id[:40]}' cannot be a key id; use 1 to {chars_max} visible ASCII characters "
        "without quotes and backslashes.",
    )


def key_exists(key_id: str) -> Conflict:
    """The key id is taken."""
    return Conflict(
        "partner.key.exists",
        zh=f"密钥编号“{key_id[:80]}”已被使用；请换一个编号。",
        en=f"The key id '{key_id[:80]}' is taken; choose another.",
    )


def key_unknown(key_id: str) -> Denied:
    """No such key, or it is revoked; the same answer, so nothing is told about keys."""
    return Denied(
        "partner.key.unknown",
        zh=f"密钥“{key_id[:80]}”不存在或已停用；请换用有效密钥，或联系平台登记。",
        en=f"The key '{key_id[:80]}' is unknown or revoked; use a valid key or register one.",
    )


def signature_wrong(key_id: str) -> Denied:
    """The signature does not belong to these bytes."""
    return Denied(
        "partner.signature.wrong",
        zh=f"签名与内容不符（密钥“{key_id[:80]}”）；请确认签名的内容与发送的完全一致。",
        en=f"The signature does not fit the content (key '{key_id[:80]}'); "
        "sign exactly what is sent.",
    )


def consent_basis_malformed(basis: str, longest: int) -> InputRefused:
    """Neither a named contract nor receipts."""
    return InputRefused(
        "partner.consent_basis.malformed",
        zh=f"授权依据“{basis[:20]}”不完整：contract 须写明合同名称或编号（至多 {longest} 字），"
        "receipt 不写。",
        en=f"The consent basis '{basis[:20]}' is not complete: name the contract (at most "
        f"{longest} characters) with `contract`, and none with `receipt`.",
    )
