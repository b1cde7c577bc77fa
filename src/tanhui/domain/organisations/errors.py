"""What organisations can refuse."""

from __future__ import annotations

from tanhui.core.errors import Conflict, InputRefused, NotFound


def organisation_unknown(number: object) -> NotFound:
    """No organisation has this number."""
    return NotFound(
        "organisation.unknown",
        zh=f"没有编号为 {str(number)[:40]} 的机构；请先登记，或检查编号。",
        en=f"No organisation has the number {str(number)[:40]}; register it or check the number.",
    )


def code_malformed(code: str) -> InputRefused:
    """Not a unified social credit code (GB 32100-2015)."""
    return InputRefused(
        "organisation.code.malformed",
        zh=f"“{code[:40]}”不是统一社会信用代码；应为 18 位，末位校验（GB 32100-2015），请核对。",
        en=f"'{code[:40]}' is no unified social credit code; it has 18 characters, the last one "
        "a check (GB 32100-2015).",
    )


def code_taken(code: str) -> Conflict:
    """Registered before under another name."""
    return Conflict(
        "organisation.code.taken",
        zh=f"统一社会信用代码 {code} 已登记；请使用已有的机构。",
        en=f"The code {code} is registered; use that organisation.",
    )


def malformed(what_zh: str, what_en: str, value: str) -> InputRefused:
    """A name, kind or role that cannot be taken."""
    return InputRefused(
        "organisation.malformed",
        zh=f"{what_zh}“{value[:40]}”不能使用；请改正。",
        en=f"The {what_en} '{value[:40]}' cannot be used; correct it.",
    )


def parent_in_a_circle() -> InputRefused:
    """A parent that stands below its own child."""
    return InputRefused(
        "organisation.parent.circle",
        zh="上级机构不能是它自己的下级；请改正上级。",
        en="An organisation cannot stand below its own child; choose another parent.",
    )


def no_verifier(number: int) -> InputRefused:
    """An accreditation for a body that does not verify."""
    return InputRefused(
        "organisation.accreditation.no_verifier",
        zh=f"机构 {number} 不是核证机构，不能登记资质；请先以核证机构（verifier）登记。",
        en=f"Organisation {number} is no verifier and takes no accreditation; register it as one.",
    )


def accreditation_days() -> InputRefused:
    """An accreditation that ends before it begins."""
    return InputRefused(
        "organisation.accreditation.days",
        zh="资质的截止日（当日不计）应晚于起始日；请核对证书。",
        en="An accreditation ends (that day not counted) after it begins; check the certificate.",
    )


def log_in_taken(name: str) -> Conflict:
    """Somebody signs in under that name."""
    return Conflict(
        "organisation.log_in.taken",
        zh=f"登录名“{name}”已存在；请换一个，或直接任命它。",
        en=f"The log-in '{name}' exists; take another name, or appoint that one.",
    )


def log_in_unknown(name: str) -> NotFound:
    """Nobody signs in under that name."""
    return NotFound(
        "organisation.log_in.unknown",
        zh=f"没有登录名“{name[:60]}”；请先用 tanhui organisation login 建立。",
        en=f"There is no log-in '{name[:60]}'; make it with `tanhui organisation login` first.",
    )


def appointment_unknown(number: int) -> NotFound:
    """No such appointment."""
    return NotFound(
        "organisation.appointment.unknown",
        zh=f"没有编号为 {number} 的任职；请用 tanhui organisation show 查看。",
        en=f"There is no appointment {number}; `tanhui organisation show` lists them.",
    )
