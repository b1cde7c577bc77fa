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
