"""The public register: matters, issues, retirements and notices in one list, found by words.

Each source gives (since, what, row) and the database orders them together, so a page costs one
page of rows however much there is; then the rows of the page are read and shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import (
    CharField,
    ExpressionWrapper,
    F,
    Func,
    JSONField,
    Model,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.fields import BigIntegerField, DateTimeField
from django.db.models.functions import Cast

from tanhui.books import serials
from tanhui.books.assets import credit_code
from tanhui.books.models import RETIRED, Asset, CreditBlock, Issue
from tanhui.books.unit_years import UnitYear, unit_years
from tanhui.core.region import CHINA, Region
from tanhui.domain.matters.models import Matter, Notice
from tanhui.domain.organisations.models import Organisation
from tanhui.flows.platform import Platform

from .public_matters import MASKED, cards, notice_cards, public_matters
from .public_units import DAMAGE_ACTS, RETIREMENT_FACTS, issue_cards, retirement_cards

Json = dict[str, Any]
Found = tuple[datetime, str, int]

_Row = TypeVar("_Row", bound=Model)
MATTER, ISSUE, RETIREMENT, NOTICE = "matter", "issue", "retirement", "notice"
SERIAL_DIGITS_MAX = 16
_UNITS = ExpressionWrapper(
    Func(F("serials"), function="upper") - Func(F("serials"), function="lower"),
    output_field=BigIntegerField(),
)
SAYS_NOBODY = Q(said__kind__startswith=DAMAGE_ACTS)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What to list. `kind` is a kind of matter, or issue, retirement, notice; '' is everything.

    `state` belongs to matters, so with a state nothing else is listed; `region` has all below it.
    """

    q: str = ""
    kind: str = ""
    state: str = ""
    region: str = ""
    year: int | None = None

    @property
    def serial(self) -> int | None:
        """The serial that the words are, if they are one."""
        is_serial = self.q.isascii() and self.q.isdecimal() and len(self.q) <= SERIAL_DIGITS_MAX
        return int(self.q) if is_serial and int(self.q) else None


def find(wanted: Wanted) -> QuerySet[Any, Found]:
    """(since, what, row) of all that fits, newest first; slice it and read with `shown`."""
    sources = {ISSUE: _issues, RETIREMENT: _retirements, NOTICE: _notices}
    if wanted.kind in sources:
        chosen = [] if wanted.state else [sources[wanted.kind](wanted)]
    elif wanted.kind or wanted.state:
        chosen = [_matters(wanted)]
    else:
        chosen = [_matters(wanted), *(source(wanted) for source in sources.values())]
    if not chosen:
        return Matter.objects.none().values_list("opened_at", "kind", "pk")
    first, *others = chosen
    return first.union(*others, all=True).order_by("-since", "-what", "-row")


def shown(platform: Platform, found: Iterable[Found]) -> list[Json]:
    """The rows as they are shown and exported, in the order found; each says `what` it is."""
    order = [(what, row) for _, what, row in found]
    pks = {kind: [row for what, row in order if what == kind] for kind in dict(order)}
    matters = Matter.objects.filter(pk__in=pks.get(MATTER, ())).select_related("parent")
    notices = Notice.objects.filter(pk__in=pks.get(NOTICE, ())).select_related("matter__parent")
    known = {
        MATTER: _by_row(matters, lambda rows: cards(platform, rows)),
        NOTICE: _by_row(notices, lambda rows: notice_cards(platform, rows)),
        ISSUE: issue_cards(pks.get(ISSUE, ())),
        RETIREMENT: retirement_cards(pks.get(RETIREMENT, ())),
    }
    return [{"what": what, **known[what][row]} for what, row in order]


def _by_row(rows: Iterable[_Row], read: Callable[[list[_Row]], list[Json]]) -> dict[int, Json]:
    """The cards of rows by their number."""
    wanted = list(rows)
    return {row.pk: card for row, card in zip(wanted, read(wanted), strict=True)}


def kinds_and_states() -> list[tuple[str, str]]:
    """Every (kind, state) that a public matter is in."""
    found = public_matters().values_list("kind", "state").distinct().order_by("kind", "state")
    return list(found)


def years() -> list[int]:
    """Years in which something of the register began, the last first."""
    found = {at.year for at in public_matters().dates("opened_at", "year")}
    found |= {at.year for at in Issue.objects.dates("journal__at", "year")}
    found |= {
        at.year for at in CreditBlock.objects.filter(state=RETIRED).dates("opened_by__at", "year")
    }
    return sorted(found, reverse=True)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The programme's units by state, and year by year; `is_demo` when any of it is made up."""

    issued: int
    states: dict[str, int]
    years: list[UnitYear]
    is_demo: bool


def figures(platform: Platform) -> Figures:
    """How many units there are and where they stand, over all of the programme's issues."""
    asset = Asset.objects.filter(code=credit_code(platform.programme)).first()
    if asset is None:
        return Figures(issued=0, states={}, years=[], is_demo=False)
    states = serials.totals(asset.pk)
    return Figures(
        issued=sum(states.values()),
        states=states,
        years=unit_years(asset.pk),
        is_demo=Issue.objects.filter(asset=asset, is_demo=True).exists(),
    )


@dataclass(frozen=True, kw_only=True)
class Province:
    """What the register has of a province and all below it; `code` is the province's region."""

    code: str
    projects: int
    units: int


def by_province() -> list[Province]:
    """Public projects and units issued by province, those with most units first."""
    projects = public_matters().filter(kind="project").values_list("region", flat=True)
    counted = Counter(province_of(region) for region in projects)
    units: Counter[str] = Counter()
    sizes = Issue.objects.exclude(region="").values_list("region").order_by("region")
    for region, count in sizes.annotate(units=Sum(_UNITS)):
        units[province_of(region)] += count
    found = [
        Province(code=code, projects=counted[code], units=units[code])
        for code in counted.keys() | units.keys()
    ]
    return sorted(found, key=lambda one: (-one.units, -one.projects, one.code))


def province_of(region: str) -> str:
    """The province that a place lies in, the country abroad, or the place itself."""
    lineage = Region(region).lineage()
    return lineage[-2] if lineage[-1] == CHINA and len(lineage) > 1 else lineage[-1]


def _matters(wanted: Wanted) -> QuerySet[Any, Found]:
    rows = public_matters()
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.region:
        rows = rows.filter(region__startswith=Region(wanted.region).prefix)
    if wanted.year:
        rows = rows.filter(opened_at__year=wanted.year)
    if wanted.q:
        rows = rows.filter(_words(wanted.q))
    return _listed(rows, MATTER, since="opened_at", row="pk")


def _notices(wanted: Wanted) -> QuerySet[Any, Found]:
    rows = Notice.objects.all()
    if wanted.region:
        rows = rows.filter(matter__region__startswith=Region(wanted.region).prefix)
    if wanted.year:
        rows = rows.filter(opened_on__year=wanted.year)
    if wanted.q:
        rows = rows.filter(_words(wanted.q, "matter__"))
    return _listed(rows, NOTICE, since="opened_on", row="pk")


def _words(text: str, prefix: str = "") -> Q:
    """Number, or title and organisation where these are public."""
    owners = Organisation.objects.filter(
        Q(name_zh__icontains=text) | Q(name_en__icontains=text) | Q(code=text)
    )
    known = Q(**{f"{prefix}title__icontains": text}) | Q(
        **{f"{prefix}organisation__in": owners.values("pk")}
    )
    return Q(**{f"{prefix}number__icontains": text}) | (
        known & ~Q(**{f"{prefix}kind__in": sorted(MASKED)})
    )


def _issues(wanted: Wanted) -> QuerySet[Any, Found]:
    rows = Issue.objects.all()
    if wanted.region:
        rows = rows.filter(region__startswith=Region(wanted.region).prefix)
    if wanted.year:
        rows = rows.filter(journal__at__year=wanted.year)
    if wanted.q:
        fits = Q(batch__icontains=wanted.q) | Q(source__icontains=wanted.q) | Q(product=wanted.q)
        if wanted.serial:
            fits |= Q(serials__contains=wanted.serial)
        rows = rows.filter(fits)
    return _listed(rows, ISSUE, since="journal__at", row="journal_id")


def _retirements(wanted: Wanted) -> QuerySet[Any, Found]:
    """Acts that retired units, found by what is shown of their entry in the public log."""
    rows = CreditBlock.objects.filter(state=RETIRED)
    if wanted.region:
        rows = rows.filter(issue__region__startswith=Region(wanted.region).prefix)
    if wanted.year:
        rows = rows.filter(opened_by__at__year=wanted.year)
    if wanted.q:
        said = Func(F("opened_by__log_entry__body"), Value("UTF8"), function="convert_from")
        rows = rows.annotate(said=Cast(said, JSONField()))
        fits = Q(said__matter__icontains=wanted.q)
        for fact in RETIREMENT_FACTS:
            named = Q(**{f"said__{fact}__icontains": wanted.q})
            fits |= named & ~SAYS_NOBODY if fact == "beneficiary" else named
        if wanted.serial:
            fits |= Q(serials__contains=wanted.serial)
        rows = rows.filter(fits)
    return _listed(rows, RETIREMENT, since="opened_by__at", row="opened_by_id").distinct()


def _listed(rows: QuerySet[Any], what: str, *, since: str, row: str) -> QuerySet[Any, Found]:
    found: QuerySet[Any, Found] = rows.annotate(
        since=Cast(F(since), DateTimeField()),
        what=Value(what, output_field=CharField()),
        row=Cast(F(row), BigIntegerField()),
    ).values_list("since", "what", "row")
    return found
