"""What each reason code means, for the partner who must repair the row: zh and en.

Codes are stable: receipts, quarantine files and partners' programs rely on them. Codes of
quantities are `quantity.<column>.<what>`; the column's name is put into the text.
"""

from __future__ import annotations

_TEXTS: dict[str, tuple[str, str]] = {
    # the row as a whole
    "row.blank": ("空行；请删除。", "The line is blank; remove it."),
    "row.too_long": (
        "这一行超过 65,536 字节；请检查是否缺少换行。",
        "The line is longer than 65,536 bytes; a line break may be missing.",
    ),
    "row.not_utf8": (
        "这一行不是 UTF-8 编码；请以 UTF-8 重新导出。",
        "The line is not UTF-8; export it again as UTF-8.",
    ),
    "row.nul_byte": (
        "这一行含有空字节（NUL）；文件可能已损坏。",
        "The line holds a NUL byte; the file may be damaged.",
    ),
    "row.too_few_columns": (
        "列数少于表头；行可能被截断或缺少逗号。",
        "Fewer columns than the header; the line may be cut or lack a comma.",
    ),
    "row.too_many_columns": (
        "列数多于表头；含逗号的文字须用双引号括起。",
        "More columns than the header; text with commas must be quoted.",
    ),
    "row.unbalanced_quote": (
        "双引号不成对；引号内不能换行。",
        "A double quote is not closed; a quoted text cannot hold a line break.",
    ),
    "row.misplaced_quote": (
        "双引号位置不对；引号只能括住整个字段，其中的引号写成两个。",
        "A double quote is out of place; quote whole fields and double the quotes inside.",
    ),
    "row.not_json": (
        "这一行不是完整的 JSON 对象。",
        "The line is not one complete JSON object.",
    ),
    "row.duplicate_key": (
        "JSON 对象中同一个键出现了两次。",
        "A key occurs twice in the JSON object.",
    ),
    "row.unknown_key": (
        "JSON 对象中有未知的键；请对照记录格式。",
        "The JSON object has an unknown key; compare with the record format.",
    ),
    "row.nested_value": (
        "值只能是文字、数字或 null，不能是真假值、列表或对象。",
        "A value must be text, a number or null; not true/false, a list or an object.",
    ),
    "row.unreadable_value": (
        "某个值不是 UTF-8 文字，或长得不可能。",
        "A value is not UTF-8 text, or impossibly long.",
    ),
    "row.too_deep": (
        "JSON 嵌套过深。",
        "The JSON is nested too deeply.",
    ),
    # consent
    "consent.withdrawn": (
        "本人已撤回授权或注销，本条不计入，也不保留为记录；如本人重新授权，请重新上报。",
        "The person withdrew consent or left; nothing is counted or kept as a record. Report it "
        "again if the person agrees anew.",
    ),
    "consent.missing": (
        "没有收到本人对该平台和场景的授权回执，本条不计入；请先提交授权回执，再重新上报。",
        "There is no receipt of the person's consent for this partner and scene; send the "
        "receipt first, then report it again.",
    ),
    # text fields
    "text.control_character": (
        "文字含有控制字符或不可见字符。",
        "A text holds a control or invisible character.",
    ),
    "external_id.missing": ("缺少 external_id。", "external_id is missing."),
    "external_id.too_long": (
        "external_id 超过 128 个字符。",
        "external_id is longer than 128 characters.",
    ),
    "person.missing": ("缺少 person。", "person is missing."),
    "person.too_short": (
        "person 少于 3 个字符。",
        "person is shorter than 3 characters.",
    ),
    "person.too_long": (
        "person 超过 128 个字符。",
        "person is longer than 128 characters.",
    ),
    "person.malformed": (
        "person 应写成“类别:值”，如 szt:FIAAAEIFD；类别为小写字母、数字和连字符。",
        "person must read scheme:value, such as szt:FIAAAEIFD; the scheme in lower case.",
    ),
    "scene.missing": ("缺少 scene（场景）。", "scene is missing."),
    "scene.too_long": ("scene 过长。", "scene is too long."),
    "scene.unknown": (
        "没有任何方法学使用这个场景；请对照场景清单。",
        "No methodology names this scene; compare with the list of scenes.",
    ),
    "region.missing": ("缺少 region（行政区划代码）。", "region is missing."),
    "region.malformed": (
        "region 应为 GB/T 2260 的六位数字，如 440300。",
        "region must be six digits of GB/T 2260, such as 440300.",
    ),
    "class.too_long": ("class 超过 32 个字符。", "class is longer than 32 characters."),
    "corrects.too_long": (
        "corrects 超过 128 个字符。",
        "corrects is longer than 128 characters.",
    ),
    "corrects.itself": (
        "corrects 指向了本条记录自己；应为被更正记录的 external_id。",
        "corrects names the record itself; give the external_id of the record it replaces.",
    ),
    # times
    "time.missing": ("缺少时间。", "A time is missing."),
    "time.unreadable": (
        "时间应写成 2024-10-01T08:00:00+08:00 的形式（最多到毫秒）。",
        "A time must read like 2024-10-01T08:00:00+08:00, to the millisecond at most.",
    ),
    "time.offset_missing": (
        "时间没有时区；请加上 +08:00 或 Z。",
        "A time has no zone; add +08:00 or Z.",
    ),
    "time.impossible": (
        "没有这样的日期、时刻或时区，如 2 月 30 日、25 点。",
        "There is no such date, hour or zone, such as 30 February or 25 o'clock.",
    ),
    "time.ends_before_start": ("结束早于开始。", "The end is before the start."),
    "time.too_old": ("时间早于 2000 年。", "The time is before the year 2000."),
    "time.in_future": (
        "结束时间晚于收到文件的时间。",
        "The end lies after the moment the file was received.",
    ),
    "time.event_too_long": (
        "从开始到结束超过 40 天；请检查日期。",
        "More than 40 days from start to end; check the dates.",
    ),
    "time.year_implausible": (
        "年份不可信（如 0014）；如确有固定偏移，请在数据源配置中写明 year_offset。",
        "The year is implausible (such as 0014); declare year_offset in the feed's "
        "configuration if there is a fixed offset.",
    ),
    "time.zone_not_declared": (
        "时间没有时区；请在数据源配置中写明 utc_offset，如 +08:00。",
        "Times have no zone; declare utc_offset in the feed's configuration, such as +08:00.",
    ),
    # taps of a transit card
    "tap.waiting_for_exit": (
        "进站，还没有对应的出站；后续文件中出现时再配对。",
        "An entry whose exit has not arrived; it is paired when a later file brings it.",
    ),
    "tap.paired": ("进站，已并入一次行程。", "An entry, made part of a ride."),
    "tap.paired_before": (
        "进站，它的出站已在此前按票价结算；先前的结果不变。",
        "An entry whose exit was settled by its fare before; that answer stands.",
    ),
    "tap.exit_refused": (
        "进站，但它的出站被退回，行程无法计算。",
        "An entry whose exit was refused, so the ride cannot be computed.",
    ),
    "tap.duplicate": ("与另一行完全相同的刷卡。", "The same tap as another row."),
    "tap.type_unknown": (
        "交易类型不是巴士、地铁入站或地铁出站。",
        "deal_type is neither 巴士, 地铁入站 nor 地铁出站.",
    ),
    "tap.card_missing": ("缺少卡号。", "card_no is missing."),
    "tap.card_malformed": (
        "卡号应为 1 至 64 个可见的 ASCII 字符。",
        "card_no must be 1 to 64 visible ASCII characters.",
    ),
    # fares
    "fare.malformed": (
        "票价应为以分为单位的整数。",
        "A fare must be a whole number of fen.",
    ),
    "fare.missing": (
        "出站没有进站记录，票价又为零，无法得出里程。",
        "The exit has no entry and no fare, so there is no distance.",
    ),
    "fare.paid_above_face": (
        "实付高于票价，数据不可信。",
        "More was paid than the fare; the row is not to be trusted.",
    ),
    "fare.maybe_premium": (
        "出站没有进站记录，且票价未打折，可能是商务车厢，不据此推算里程。",
        "The exit has no entry and its fare has no card discount: it may be a premium "
        "carriage, so no distance is derived.",
    ),
    "fare.maybe_overtime": (
        "出站没有进站记录，且票价等于超时补票额，不据此推算里程。",
        "The exit has no entry and its fare equals the overtime charge, so no distance is derived.",
    ),
    "fare.not_on_ladder": (
        "票价不在票价表上。",
        "The fare is not on the fare ladder.",
    ),
    "fare.above_ladder": (
        "票价高于全网最高票价。",
        "The fare is above the largest fare of the network.",
    ),
    "fare.no_ladder": (
        "这一天没有有效的票价表。",
        "No fare ladder holds on that day.",
    ),
}

_QUANTITY_TEXTS: dict[str, tuple[str, str]] = {
    "missing": ("缺少 {column}。", "{column} is missing."),
    "too_long": ("{column} 超过 40 个字符。", "{column} is longer than 40 characters."),
    "not_a_number": (
        "{column} 不是数字；只接受如 6.825 的写法（无指数、无千位符）。",
        "{column} is not a number; write it like 6.825, without exponent or separators.",
    ),
    "below_min": (
        "{column} 小于方法学允许的最小值。",
        "{column} is below the methodology's minimum.",
    ),
    "above_max": (
        "{column} 大于方法学允许的最大值；请检查单位。",
        "{column} is above the methodology's maximum; check the unit.",
    ),
    "finer_than_step": (
        "{column} 的小数位多于方法学的步长；不做四舍五入。",
        "{column} has more decimals than the methodology's step; nothing is rounded.",
    ),
    "not_expected": (
        "该场景的方法学不使用 {column}；请留空。",
        "The methodology of this scene does not use {column}; leave it empty.",
    ),
}


def describe(code: str) -> tuple[str, str]:
    """Text of a reason code, (zh, en); an unknown code is its own text.

    >>> describe("quantity.distance_km.missing")[1]
    'distance_km is missing.'
    """
    if code.startswith("quantity."):
        column, _, what = code.removeprefix("quantity.").rpartition(".")
        zh, en = _QUANTITY_TEXTS.get(what, (code, code))
        return zh.format(column=column), en.format(column=column)
    return _TEXTS.get(code, (code, code))


def known_reasons() -> frozenset[str]:
    """Every code that is not of a quantity; docs and tests compare with it."""
    return frozenset(_TEXTS)
