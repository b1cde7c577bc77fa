"""What must agree after a history: totals, shares, traces both ways, and `tanhui prove`."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable

from django.db import connection
from tests.conserving.acts_of_projects import mg_of
from tests.conserving.grams_model import Key
from tests.conserving.history import History, Violation
from tests.conserving.world import UNIT_MG

from tanhui.books.models import HOLDER_ROLE, MG_USED, Balance, Certificate, CreditBlock
from tanhui.books.proofs import Proof
from tanhui.books.proofs import prove as prove_books
from tanhui.books.serial_choice import totals_by_product
from tanhui.books.using import all_used_mg
from tanhui.core.errors import NotFound
from tanhui.core.ids import ResultId
from tanhui.core.serials import read_serials
from tanhui.domain.citizens import queries as citizens
from tanhui.domain.matters.models import Matter
from tanhui.domain.partners import queries as partners
from tanhui.domain.pools.models import PoolIssue, Slice
from tanhui.flows.platform import Platform
from tanhui.flows.prove import prove
from tanhui.flows.registry.pool_proofs import explain, prove_pools
from tanhui.flows.registry.pool_trace import rows_of_serial, serials_of_row

TRACED = 3


def check(history: History, luck: random.Random, *, whole: bool) -> None:
    """Everything; raises Violation with what differs. `whole` also reads all evidence anew."""
    history.compare()
    _totals(history)
    _certificates(history)
    _grams(history)
    _shares(history)
    _projects(history)
    for serial in luck.sample(sorted(history.units.origin), min(TRACED, issued(history))):
        _trace(history, serial)
    proofs = prove if whole else prove_books_and_pools
    _same("tanhui prove", failing(proofs(platform(history))), [])
    for one in PoolIssue.objects.all()[: None if whole else 1]:
        _same(
            f"explanation of {one.pool.matter}", failing(explain(platform(history), one.pool)), []
        )
    connection.check_constraints()  # what the database would only say at the commit


def prove_books_and_pools(platform: Platform) -> list[Proof]:
    """`tanhui prove` without what reads the evidence row by row."""
    return [*prove_books(), *prove_pools(platform)]


def issued(history: History) -> int:
    """Units ever issued."""
    return len(history.units.origin)


def _totals(history: History) -> None:
    """Issued = held + locked + listed + retired + cancelled, of each product and in all."""
    counted: Counter[str] = Counter()
    for product, states in totals_by_product().items():
        _same(f"units of {product}", states.pop("issued"), sum(states.values()))
        counted.update(states)
    _same("units by state", +counted, +history.units.totals())
    _same("units issued", sum(counted.values()), issued(history))


def _certificates(history: History) -> None:
    """Every retired unit stands on one certificate."""
    certified: list[int] = []
    for certificate in Certificate.objects.all():
        rows = CreditBlock.objects.filter(opened_by_id=certificate.journal_id, state="retired")
        certified += [n for row in rows for n in range(row.serials.lower, row.serials.upper)]
    told = sorted(serial for serials in history.certificates for serial in serials)
    _same("serials on certificates", sorted(certified), told)
    _same("units retired", history.units.totals()["retired"], len(certified))


def _grams(history: History) -> None:
    """Gathered = discount + taken back + units + carried - owed, chain by chain, in the books."""
    grams = history.grams
    pieces = {(row.partner, row.key.batch, row.month): 0 for row in grams.rows.values()}
    for row in grams.rows.values():
        pieces[row.partner, row.key.batch, row.month] += row.mg
    wanted = {(piece.batch, piece.month) for _, piece in grams.pooled}
    given = {key[1:]: mg for key, mg in pieces.items() if key[1:] in wanted}
    standing = Slice.objects.filter(released_by__isnull=True)
    found = {
        (batch, month): mg for batch, month, mg in standing.values_list("batch", "month", "mg")
    }
    _same("mg of the slices", found, given)
    chains: dict[str, list[PoolIssue]] = {}
    for one in PoolIssue.objects.order_by("chain", "turn"):
        chains.setdefault(one.chain, []).append(one)
    for chain, issues in chains.items():
        went_in = sum(one.gathered - one.discount - one.debts for one in issues)
        units = sum(one.units * one.unit_mg for one in issues)
        _same(f"mg of {chain}", went_in, units + issues[-1].carried - issues[-1].owed)


def _shares(history: History) -> None:
    """What persons, platforms and the operator gave is what the models say, and fills the units."""
    key, names = platform(history).identity_key, {"operator"}
    people = {row.person for row in history.grams.rows.values()}
    known = {("person", citizens.find(person, key=key)): person for person in people}
    for partner in {row.partner for row in history.grams.rows.values()}:
        known["partner", partners.get(partner).pk] = partner
    rows = Balance.objects.filter(account__asset__unit=MG_USED).select_related("account")
    found: Counter[str] = Counter()
    for row in rows:
        account = row.account
        name = known.get((account.owner_kind, account.owner_id), account.owner_kind)
        assert name in names | set(known.values()), name
        assert account.role == HOLDER_ROLE or account.owner_kind != "person"
        found[name] += row.credits - row.debits
    marks = history.grams.marks()
    _same("shares in units", +found, marks)
    owed = sum(chain.owed for chain in history.grams.chains.values())
    filled = len(history.grams.filled) * UNIT_MG
    _same("shares and units", sum(found.values()) + owed, filled)
    _same("shares in all", all_used_mg(), sum(found.values()))


def _projects(history: History) -> None:
    """What a project netted = its units less those cancelled, and what it carries."""
    for forest, carry in zip(history.world.forests, history.forests, strict=True):
        data = Matter.objects.get(pk=forest.project.pk).data
        wanted = mg_of(carry)
        _same(forest.owner, {name: data.get(name, "0") for name in wanted}, wanted)
        assert min(carry.carried, carry.buffer_carried) >= 0


def _trace(history: History, serial: int) -> None:
    """From a serial to the rows that fill it, every batch of them, and from each row back."""
    grams = history.grams
    if serial not in grams.filled:
        try:
            rows_of_serial(platform(history), serial)
        except NotFound:
            return
        raise Violation(f"serial {serial} is of no pool and was traced")
    said = rows_of_serial(platform(history), serial)["rows"]
    found = [(_key(row["result"]), int(row["mg"])) for row in said]
    _same(f"rows of serial {serial}", found, grams.filled[serial])
    _same(f"mg of serial {serial}", sum(mg for _, mg in found), UNIT_MG)
    batches = {key.batch for key, _ in grams.filled[serial]}
    _same(f"batches of serial {serial}", {key.batch for key, _ in found}, batches)
    for key, _ in found:
        _trace_back(history, key, serial)


def _trace_back(history: History, key: Key, serial: int) -> None:
    """All serials that hold a row, the one we came from among them; what of it is carried."""
    grams = history.grams
    (chain,) = (one for one in grams.chains.values() if key in {*one.used, *one.settled})
    said = serials_of_row(platform(history), ResultId(key.batch, key.row))
    parts = [part for one in said["units"] for part in read_serials(one["serials"])]
    found = {n for part in parts for n in range(part.first, part.last + 1)}
    holding = {at: mg for at, rows in grams.filled.items() for one, mg in rows if one == key}
    _same(f"serials of row {key}", found, set(holding))
    assert serial in found
    mg = sum(int(one["mg"]) for one in said["units"])
    _same(f"mg of row {key} in units", mg, sum(holding.values()))
    _same(f"row {key} taken back", said["taken_back"], key in chain.settled)
    if key not in chain.settled:
        carried = sum(mg for one, mg in chain.carried if one == key)
        _same(f"mg carried of row {key}", int(said["carried_mg"]), carried)
        _same(f"mg used of row {key}", int(said["used_mg"]), sum(chain.used[key]))


def platform(history: History) -> Platform:
    """The installation as the history has it."""
    return history.office.platform


def failing(found: Iterable[Proof]) -> list[str]:
    """The proofs that do not hold."""
    return [f"{one.name_en}: {one.figure_left}, {one.figure_right}" for one in found if not one.ok]


def _same(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise Violation(f"{what}: {found}, not {wanted}")


def _key(result: str) -> Key:
    at = ResultId.parse(result)
    return Key(at.batch, at.row)
