"""A batch's tree: its root stands in manifest and log, every row opens its leaf, no other does."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.flows.deliveries import a_metro_ride, deliver

from tanhui.books.batch_tree import TREE_FILE, BatchTree
from tanhui.books.commitments import commitment, opening
from tanhui.books.models import Batch, LogEntry
from tanhui.books.translog.tree import leaf_hash
from tanhui.core.canonical import canonical_json, read_json
from tanhui.domain.citizens import queries as citizens
from tanhui.flows.committed_rows import groups_of_rows
from tanhui.flows.prove import prove
from tanhui.flows.row_tree import Places, names_of
from tanhui.interfaces.platform import platform

pytestmark = pytest.mark.django_db

RIDES = [
    a_metro_ride(),
    a_metro_ride(external_id="r2", distance_km="NaN"),
    a_metro_ride(external_id="r3", person="card:2"),
    a_metro_ride(external_id="r4", region="650100", person="card:3"),
]


def test_rows_are_canonical_and_in_the_tree_where_they_stood(tmp_path: Path) -> None:
    deliver(tmp_path, RIDES)
    batch = Batch.objects.get(seq=1)
    folder = platform().evidence / batch.uri
    rows = next(next(groups_of_rows(names_of(batch), folder, batch.buckets)).slices())
    assert sorted(rows.row.tolist()) == [1, 3, 4]
    tree = BatchTree(folder / TREE_FILE, batch.leaves)
    places = Places(folder, batch.buckets, batch.n_rows).of(rows.row)
    keys = platform().people_keys.find(rows.person.tolist())
    for place, person, row_id, text in zip(
        places.tolist(), rows.person.tolist(), rows.ids, rows.texts, strict=True
    ):
        assert canonical_json(read_json(text)) == text.encode()
        opened = opening(keys[person], row_id)
        assert tree.leaves(place, place + 1) == [leaf_hash(commitment(opened, text.encode()))]
    first = read_json(rows.texts[rows.row.tolist().index(1)])
    assert first == {
        "cell": 0,
        "day": "2024-10-08",
        "detail": 0,
        "end": "2024-10-08T00:30:00.000Z",
        "id": "1-1",
        "methodology": first["methodology"],
        "mg": "784000",
        "other": "",
        "points": "78",
        "quantified": "784000",
        "quantities": ["10000", "0", "0", "0"],
        "region": "420100",
        "scene": "metro",
        "start": "2024-10-08T00:00:00.000Z",
        "status": "credited",
    }
    assert read_json(rows.texts[rows.row.tolist().index(4)])["methodology"] == ""


def test_the_root_stands_in_the_manifest_and_in_the_log(tmp_path: Path) -> None:
    deliver(tmp_path, RIDES)
    batch = Batch.objects.get(seq=1)
    entry = read_json(bytes(LogEntry.objects.get(journal_id=batch.journal_id).body))
    assert (entry["root"], entry["leaves"]) == (batch.root, batch.leaves)
    assert batch.leaves == 3


def test_prove_opens_every_row_and_sees_a_changed_one(tmp_path: Path) -> None:
    deliver(tmp_path, RIDES)
    deliver(tmp_path, b"external_id,person,scene,region,started_at,ended_at\n", name="none.csv")
    shown = {proof.name_en: proof for proof in prove(platform())}
    assert all(proof.ok for proof in shown.values())
    rows = shown["every row whose key is there opens its leaf"]
    assert (rows.figure_left, rows.figure_right) == (3, 3)
    person = citizens.find("card:2", key=platform().identity_key)
    assert person is not None
    platform().people_keys.destroy(person)
    rows = next(p for p in prove(platform()) if p.name_en.startswith("every row whose key"))
    assert rows.ok
    assert rows.figure_left == 2
