"""The arithmetic of one explanation, printed for people."""

from __future__ import annotations

from typing import Any

from .output import console, table


def show_arithmetic(explanation: dict[str, Any]) -> None:
    """Inputs, parameters and each step of an explanation, for people."""
    method = explanation["methodology"]
    console.print(
        f"方法学 methodology {method['title_zh']} {method['title_en']} "
        f"{method['version']} [{method['evidence']}]"
        + ("  只计入，不签发 never issued" if method["inclusion_only"] else ""),
        markup=False,
    )
    table(
        "数据 inputs",
        ["符号", "名称", "值 value", "单位 unit"],
        [[i["symbol"], i["name_zh"], i["value"], i["unit"]] for i in explanation["inputs"]],
    )
    table(
        "参数 parameters",
        ["符号", "值 value", "单位 unit", "起 from", "证据 evidence", "来源 source"],
        [
            [p["symbol"], p["value"], p["unit"], p["valid_from"], p["evidence"], p["source"]]
            for p in explanation["parameters"]
        ],
    )
    for call in explanation["tables"]:
        console.print(
            f"{call['symbol']}({call['argument']}): {call['quantity']} {call['quantity_unit']} "
            f"→ [{call['from'] or '−∞'}, {call['below'] or '∞'}) → {call['value']} {call['unit']}",
            markup=False,
        )
    for step in explanation["steps"]:
        console.print(
            f"{step['symbol']} = {step['expression']}\n"
            f"    = {step['substituted']}\n    = {step['value']} {step['unit']}",
            markup=False,
        )
