"""Filters of the pages: exact figures with units, times in the reader's zone, words by language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tanhui.core.mass import Milligrams, kilograms_text, mass_text, percent_text
from tanhui.core.money import yuan_text
from tanhui.domain.partners.models import Partner
from tanhui.engine.names import name_of
from tanhui.interfaces.feeds import FEEDS
from tanhui.interfaces.public import rule_words, words
from tanhui.interfaces.public.signs import plain

register = template.Library()

_BOTH = re.compile(r"([^\x00-\x7f]+) ([\x20-\x7e]+)")


def is_english() -> bool:
    """Whether the page is in English; everything else is Chinese."""
    return (get_language() or "").startswith("en")


@register.filter
def spoken(thing: Mapping[str, Any], key: str = "") -> str:
    """`thing["name_zh"]` or `thing["name_en"]`; without a key `thing["zh"]` or `thing["en"]`."""
    stem = f"{key}_" if key else ""
    first, second = ("en", "zh") if is_english() else ("zh", "en")
    return str(thing.get(stem + first) or thing.get(stem + second) or "")


@register.filter
def beside(row: Sequence[Any], heads: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Each cell of a row with the head of its column, for phones, where the cells stand alone."""
    return list(zip(heads, row, strict=True))


@register.filter
def said(value: object) -> str:
    """A value of a field: yes and no and choices in words, the rest as it was written."""
    if isinstance(value, bool):
        return str(_("是")) if value else str(_("否"))
    return spoken(value) if isinstance(value, Mapping) else str(value)


@register.filter
def place(region: str) -> str:
    """A region's name in the page's language; one without a name keeps its code."""
    named = name_of(str(region), settings.TANHUI_LIBRARY, "regions")
    return named.en if is_english() else named.zh


@register.filter
def purpose_name(said: str) -> str:
    """A purpose in the page's language; certificates write each in both, Chinese first."""
    pairs = [_BOTH.fullmatch(each) for each in said.split("；")]
    named = [pair.group(2 if is_english() else 1) for pair in pairs if pair]
    return "；".join(named) if len(named) == len(pairs) else said


@register.filter
def document_name(kind: str) -> str:
    """What a kind of document is called; one without a name keeps its code."""
    named = name_of(str(kind), settings.TANHUI_LIBRARY, "documents")
    return named.en if is_english() else named.zh


@register.filter
def places(regions: list[str]) -> str:
    """Names of regions in a row."""
    return (", " if is_english() else "、").join(map(place, regions))


@register.filter
def scenes(codes: list[str]) -> str:
    """Names of scenes in a row."""
    named = [name_of(str(code), settings.TANHUI_LIBRARY, "scenes") for code in codes]
    return ", ".join(one.en for one in named) if is_english() else "、".join(o.zh for o in named)


@register.filter
def partner_name(partner: Partner) -> str:
    """A partner's name in the page's language."""
    return partner.name_en if is_english() else partner.name_zh


@register.filter
def kg(mg: int) -> str:
    """Milligrams as kg with three decimals, cut, never rounded up."""
    return kilograms_text(Milligrams(int(mg)))


@register.filter
def mass(mg: int | str) -> str:
    """An exact mass in g, kg or t, whichever people read."""
    return f"{mass_text(int(mg))} CO₂e"


@register.filter
def part_of(mg: int, whole_mg: int) -> str:
    """An exact share in per cent."""
    return percent_text(int(mg), int(whole_mg))


@register.filter
def number(value: int | None) -> str:
    """A whole number with thousands separators; nothing is a dash."""
    return "–" if value is None else f"{int(value):,}"


@register.filter
def signed(value: int) -> str:
    """A change in whole numbers with its sign.

    >>> signed(1200), signed(-3)
    ('+1,200', '−3')
    """
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{abs(value):,}"


@register.filter
def yuan(fen: int) -> str:
    """Fen as yuan."""
    return yuan_text(int(fen))


@register.filter
def unit(text: str) -> str:
    """A unit as people write it: gCO2e/km -> g CO₂e/km; a bare number has none."""
    return "" if str(text) == "1" else plain(str(text))


@register.filter
def written(text: str) -> str:
    """A line of arithmetic with the signs people write."""
    return plain(str(text))


@register.filter
def moment(text: str) -> str:
    """An ISO time as date and minute in the reader's zone."""
    at = localtime(datetime.fromisoformat(text))
    return date_format(at, "j M Y, H:i" if is_english() else "Y年n月j日 H:i")


@register.filter
def clock(text: str) -> str:
    """The time of day of an ISO time in the reader's zone."""
    return date_format(localtime(datetime.fromisoformat(text)), "H:i")


@register.filter
def day(value: str | date) -> str:
    """A day, from a date or ISO text."""
    at = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    return date_format(at, "j M Y" if is_english() else "Y年n月j日")


@register.filter
def day_before(value: str) -> str:
    """The day before ISO text: the last day of what ends there, that day not counted."""
    return day(date.fromisoformat(value) - timedelta(days=1))


@register.filter
def short_day(value: str | date) -> str:
    """Month and day."""
    at = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    return date_format(at, "j M" if is_english() else "n月j日")


@register.filter
def visible(text: str) -> str:
    r"""Text with its control characters written out.

    >>> visible("a\x00b")
    'a\\x00b'
    """
    return "".join(
        sign if sign.isprintable() or sign == "\n" else f"\\x{ord(sign):02x}" for sign in text
    )


@register.filter
def bytes_text(size: int) -> str:
    """A file size for people.

    >>> bytes_text(1536), bytes_text(12)
    ('1.5 KiB', '12 B')
    """
    amount, step = int(size), 0
    while amount >= 1024 * 1024 and step < 2:
        amount, step = amount // 1024, step + 1
    if amount < 1024:
        return f"{amount} B"
    tenths = amount * 10 // 1024
    return f"{tenths // 10}.{tenths % 10} {('KiB', 'MiB', 'GiB')[step]}"


@register.simple_tag
def status_word(status: str) -> words.Word:
    """The word of a row status."""
    return words.status_word(status)


@register.simple_tag
def evidence_word(evidence: str | None) -> words.Word:
    """The word of an evidence status."""
    return words.evidence_word(evidence)


@register.simple_tag
def rule_state_word(state: str) -> words.Word:
    """The word of how well a rule is known."""
    return rule_words.STATES[state]


@register.filter
def rule_told(rule: Mapping[str, Any]) -> str:
    """A rule's value in people's words."""
    return rule_words.told(rule["value"], rule.get("key", ""))


@register.simple_tag
def standing_word(standing: str) -> words.Word:
    """The word of what may be done with a methodology today."""
    return words.standing_word(standing)


@register.filter
def first_serial(serials: str) -> str:
    """The first serial of a range such as `430-447`, to ask the register for."""
    return serials.partition("-")[0]


@register.filter
def unit_state(state: str) -> str:
    """A state of units in words; one this version does not know keeps its code."""
    return str(words.UNIT_STATES.get(state, state))


@register.filter
def period(name: str) -> str:
    """A period of a cap in words; one this version does not know keeps its code."""
    return str(words.PERIODS.get(name, name))


@register.filter
def result_name(name: str) -> str:
    """A result of a project, in words."""
    return str(words.RESULTS.get(name, name))


@register.filter
def outcome_name(name: str) -> str:
    """How a project's case ends, in words."""
    return str(words.OUTCOMES.get(name, name))


@register.filter
def recipient(name: str) -> str:
    """Who receives a share, in words."""
    return str(words.RECIPIENTS.get(name, name))


@register.filter
def feed_name(feed: str) -> str:
    """A feed's title in the page's language; a feed this version does not know keeps its code."""
    kind = FEEDS.get(feed)
    if kind is None:
        return feed
    return kind.en if is_english() else kind.zh


@register.simple_tag(takes_context=True)
def with_query(context: template.Context, **changes: Any) -> str:
    """The query of this page with changes; empty values drop out."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}"
