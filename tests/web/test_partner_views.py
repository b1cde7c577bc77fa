"""What two partners see of people: their own rows, and nothing to compare them by.

A pseudonym per partner is not needed, because no partner is given any: the test reads everything a
partner can read, the API and the pages, and holds the two views against each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg
import pytest
from tests.web.asking import Caller
from tests.web.serving import Site, served
from tests.web.small_city import MEMBER, OTHER, PARTNER, RIVAL, csv_text, ride

from tanhui.interfaces.api.root import api

PREFIX = "/api/v1/partners/{partner}/"
NUMBER = re.compile(r"(?<![0-9a-f])[0-9]{12,20}(?![0-9a-f])")
HEX = re.compile(r"(?<![0-9a-f])[0-9a-f]{16,64}(?![0-9a-f])")
REFS = {PARTNER: "metro:SHENXIAN-4711", OTHER: "pay:SHENXIAN-4711"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The small city, and one person whom each of the two partners reports, with a bad row.

    Before them a stranger in a file of the same shape: what looks the same there is nobody's.
    """
    folder = tmp_path_factory.mktemp("partner-views")
    with served(folder / "home") as running:
        for number, (partner, ref) in enumerate([(PARTNER, "metro:ELSE"), *REFS.items()]):
            rows = [ride(90 + number, 20 + number, person=ref)]
            rows.append(ride(95 + number, 20, person=ref, distance_km="?"))
            path = folder / f"{number}.csv"
            path.write_text(csv_text(rows), encoding="utf-8")
            running.command("intake", str(path), "--feed", "canonical", "--partner", partner)
        yield running


@pytest.fixture(scope="module")
def views(site: Site) -> dict[str, str]:
    """Everything each partner can read, as one text."""
    return {
        partner: _everything(Caller(site.url).sign_in(member), partner)
        for partner, member in ((PARTNER, MEMBER), (OTHER, RIVAL))
    }


def readable() -> set[str]:
    """The addresses below a partner's that answer to GET."""
    paths = api.get_openapi_schema()["paths"]
    return {path.removeprefix(PREFIX) for path, verbs in paths.items()
            if path.startswith(PREFIX) and "get" in verbs}  # fmt: skip


def test_the_list_of_what_a_partner_reads_is_whole() -> None:
    """A new address of partners must be looked at here."""
    batch = "batches/{batch}"
    orders = "redemptions/{redemption}"  # answers an order's number and its state, no person's
    assert readable() == {
        "batches",
        batch,
        f"{batch}/quarantine",
        f"{batch}/quarantine.csv",
        orders,
    }
    schemas = api.get_openapi_schema()["components"]["schemas"]
    assert set(schemas["RedemptionState"]["properties"]) == {"redemption", "state"}
    assert "person" not in schemas["RedemptionDone"]["properties"]


def test_a_partner_sees_its_own_rows_and_no_pseudonym(site: Site, views: dict[str, str]) -> None:
    for partner, other in ((PARTNER, OTHER), (OTHER, PARTNER)):
        assert REFS[partner] in views[partner], "the row set aside is there, as it was sent"
        assert REFS[other] not in views[partner]
    with psycopg.connect(site.environment["DATABASE_URL"]) as connection:
        people = [number for (number,) in connection.execute("SELECT id FROM citizens_person")]
        links = [
            bytes(digest).hex()
            for (digest,) in connection.execute("SELECT digest FROM citizens_identity")
        ]
    assert len(people) >= 4
    for view in views.values():
        assert not [each for each in people if str(each) in view or f"{each:x}" in view]
        assert not [each for each in links if each in view]


def test_two_views_share_no_identifier(site: Site) -> None:
    """Only what batches without the person show too is in both: law, program, equal outcomes."""
    mine, other, rest = set(), set(), set()
    for partner, member, found in ((PARTNER, MEMBER, mine), (OTHER, RIVAL, other)):
        caller = Caller(site.url).sign_in(member)
        newest, *earlier = _batches(caller, partner)
        found.update(_identifiers(_of_batch(caller, partner, newest)))
        for batch in earlier:
            rest |= _identifiers(_of_batch(caller, partner, batch))
    assert mine - rest, "there are identifiers to compare"
    assert mine & other - rest == set()


def _identifiers(text: str) -> set[str]:
    return {*NUMBER.findall(text), *HEX.findall(text)}


def _everything(caller: Caller, partner: str) -> str:
    pages = [f"/api/v1/partners/{partner}/batches", f"/partners/{partner}/batches"]
    found = [_read(caller, page) for page in [*pages, f"/partners/{partner}/upload"]]
    found += [_of_batch(caller, partner, batch) for batch in _batches(caller, partner)]
    return "\n".join(found)


def _batches(caller: Caller, partner: str) -> list[int]:
    items = caller.get(f"/api/v1/partners/{partner}/batches").json["items"]
    return [one["batch"] for one in items]


def _of_batch(caller: Caller, partner: str, batch: int) -> str:
    own = f"/api/v1/partners/{partner}/batches/{batch}"
    pages = [own, f"{own}/quarantine", f"{own}/quarantine.csv"]
    pages.append(f"/partners/{partner}/batches/{batch}")
    return "\n".join(_read(caller, page) for page in pages)


def _read(caller: Caller, path: str) -> str:
    answer = caller.get(path)
    assert answer.status == 200, path
    return _without_tokens(answer.text)


def _without_tokens(page: str) -> str:
    """A page without what is made anew for each visit: the form's token."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)
