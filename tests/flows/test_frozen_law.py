"""A version of law that a batch used does not change under people's feet."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tanhui.books.models import Batch
from tanhui.books.proofs import prove
from tanhui.core.errors import Conflict
from tanhui.engine.library import Library
from tanhui.interfaces import intake
from tanhui.interfaces.platform import platform

from .deliveries import a_metro_ride, deliver

METRO = "methodologies/420100/wuhan-metro"


@pytest.fixture
def law(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small library of its own, which the platform reads again at every intake."""
    root, shipped = tmp_path / "library", platform().library_path
    shutil.copytree(shipped / METRO, root / METRO)

    def reread() -> object:
        return replace(platform(), library=Library.load(root), library_path=root)

    monkeypatch.setattr(intake, "platform", reread)
    return root


def change(law: Path, old: str, new: str) -> None:
    file = law / METRO / "methodology.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.django_db
def test_a_version_once_used_may_not_change(law: Path, tmp_path: Path) -> None:
    first = deliver(tmp_path, [a_metro_ride()])
    assert first["mg_credited"] == 784_000
    change(law, "fields:", "# a remark is a change too\nfields:")
    with pytest.raises(Conflict) as caught:
        deliver(tmp_path, [a_metro_ride(external_id="r2")], name="second.csv")
    told = caught.value
    assert told.code == "methodology.changed"
    assert told.values["file"] == f"{METRO}/methodology.yaml"
    assert told.values["batch"] == 1
    for digest in (told.values["digest_then"], told.values["digest_now"]):
        assert str(digest)[:16] in told.en
        assert str(digest)[:16] in told.zh
    assert "new version" in told.en
    assert Batch.objects.count() == 1
    assert all(proof.ok for proof in prove())


@pytest.mark.django_db
def test_a_new_version_is_the_way(law: Path, tmp_path: Path) -> None:
    deliver(tmp_path, [a_metro_ride()])
    change(law, 'version: "2023.1"', 'version: "2023.2"')
    deliver(tmp_path, [a_metro_ride(external_id="r2")], name="second.csv")
    assert Batch.objects.count() == 2


@pytest.mark.django_db
def test_law_that_no_batch_used_may_still_change(law: Path, tmp_path: Path) -> None:
    change(law, "fields:", "# not used yet\nfields:")
    assert deliver(tmp_path, [a_metro_ride()])["mg_credited"] == 784_000
    deliver(tmp_path, [a_metro_ride(external_id="r2")], name="second.csv")
    assert Batch.objects.count() == 2
