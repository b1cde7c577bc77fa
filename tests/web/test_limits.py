"""What is too long for its place is refused at the door, in words, before anything is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.conf import settings
from django.db.models import Model

from tanhui.books.models import Account, Batch, Journal
from tanhui.core.errors import InputRefused
from tanhui.domain.partners import services as partners
from tanhui.domain.partners.models import Partner, PartnerKey
from tanhui.engine.batch.limits import UPLOAD_BYTES_MAX
from tanhui.interfaces import intake
from tanhui.interfaces.api import limits
from tanhui.interfaces.cli import intake as intake_command
from tanhui.interfaces.feeds import FEEDS
from tanhui.interfaces.platform import platform

pytestmark = pytest.mark.django_db

COLUMNS: list[tuple[int, type[Model], str]] = [
    (limits.IDEMPOTENCY_KEY_CHARS_MAX, Batch, "idempotency_key"),
    (intake.IDEMPOTENCY_KEY_CHARS_MAX, Batch, "idempotency_key"),
    (limits.FILE_NAME_CHARS_MAX, Batch, "source_name"),
    (intake.SOURCE_NAME_CHARS_MAX, Batch, "source_name"),
    (max(map(len, FEEDS)), Batch, "feed"),
    (partners.NAME_CHARS_MAX, Partner, "name_zh"),
    (partners.NAME_CHARS_MAX, Partner, "name_en"),
    (partners.CODE_CHARS_MAX, Partner, "code"),
    (partners.KEY_ID_CHARS_MAX, PartnerKey, "key_id"),
    (len("key:") + partners.KEY_ID_CHARS_MAX, Journal, "actor"),
]


@pytest.mark.parametrize(("limit", "model", "column"), COLUMNS)
def test_every_limit_fits_its_column(limit: int, model: type[Model], column: str) -> None:
    size = model._meta.get_field(column).max_length
    assert size is not None
    assert limit <= size


def test_every_scene_fits_its_account() -> None:
    size = Account._meta.get_field("role").max_length
    assert all(len(f"measured:{one.scene}") <= size for one in platform().library.methodologies)


def test_an_upload_fits_the_frame_it_is_read_in() -> None:
    assert UPLOAD_BYTES_MAX < settings.DATA_UPLOAD_MAX_MEMORY_SIZE


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "x" * (intake.SOURCE_NAME_CHARS_MAX + 1)},
        {"name": ""},
        {"name": "a\0.csv"},
        {"name": "\udcff.csv"},
        {"idempotency_key": "x" * (intake.IDEMPOTENCY_KEY_CHARS_MAX + 1)},
        {"idempotency_key": ""},
        {"idempotency_key": "key\0"},
        {"config": {"note": "\0"}},
        {"config": {"\udcff": "1"}},
    ],
)
def test_a_delivery_that_would_not_fit_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    path = tmp_path / "rides.csv"
    path.write_bytes(b"external_id,person\n")
    whole = {"name": "rides.csv", "partner": "x", "feed": "canonical", "config": {}, "actor": "t"}
    with pytest.raises(InputRefused) as refused:
        intake.take_in(path, **(whole | changes))
    assert refused.value.code == "intake.text_malformed"
    assert Batch.objects.count() == 0


@pytest.mark.parametrize(
    "names",
    [
        {"name_zh": "武" * (partners.NAME_CHARS_MAX + 1)},
        {"name_en": "x" * (partners.NAME_CHARS_MAX + 1)},
        {"name_en": "a\0"},
        {"name_zh": " "},
        {"name_en": ""},
    ],
)
def test_a_partners_name_fits(names: dict[str, str]) -> None:
    with pytest.raises(InputRefused) as refused:
        partners.register("metro-co", **({"name_zh": "测试", "name_en": "Test"} | names))
    assert refused.value.code == "partner.name.malformed"
    assert Partner.objects.count() == 0


@pytest.mark.parametrize(
    "key_id", ["", "x" * (partners.KEY_ID_CHARS_MAX + 1), "a b", "a\0", 'a"b', "a\\b", "钥匙"]
)
def test_a_key_id_fits_a_signature(key_id: str) -> None:
    partner = partners.register("metro-co", name_zh="测试", name_en="Test")
    with pytest.raises(InputRefused) as refused:
        partners.add_key(partner, key_id=key_id, public_key=b"k" * 32)
    assert refused.value.code == "partner.key.id_malformed"


def test_the_longest_texts_are_taken() -> None:
    name, key_id = "武" * partners.NAME_CHARS_MAX, "k" * partners.KEY_ID_CHARS_MAX
    code = "c" * partners.CODE_CHARS_MAX
    partner = partners.register(code, name_zh=name, name_en=name)
    assert partners.add_key(partner, key_id=key_id, public_key=b"k" * 32).key_id == key_id


@pytest.mark.parametrize("written", [b"b\xff.csv", b"line\nbreak.csv"])
def test_a_file_name_that_cannot_be_shown_becomes_printable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: bytes
) -> None:
    taken: dict[str, Any] = {}

    def note(path: Path, **delivery: Any) -> None:
        taken.update(delivery, bytes=path.read_bytes())
        raise InputRefused("noted", zh="", en="")

    path = Path(str(tmp_path)) / written.decode("utf-8", "surrogateescape")
    path.write_bytes(b"content")
    partners.register("metro-co", name_zh="测试", name_en="Test")
    monkeypatch.setattr(intake_command, "take_in", note)
    CliRunner().invoke(
        intake_command.intake, [str(path), "--feed", "canonical", "--partner", "metro-co"]
    )
    assert taken["bytes"] == b"content"
    assert taken["name"] in {"b\ufffd.csv", "line\ufffdbreak.csv"}
