"""What a killed worker left of an upload is removed; an upload in progress is not touched."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import granian
import pytest
from click.testing import CliRunner

from tanhui.interfaces.api import intake
from tanhui.interfaces.cli import serve


@pytest.fixture
def uploads(tmp_path: Path, settings: Any) -> Path:
    """The folder of uploads with one of two hours ago, one of a minute ago and a slow one."""
    settings.TANHUI_HOME = tmp_path
    folder = tmp_path / "uploads"
    for name, folder_age_s, content_age_s in (
        ("upload-killed", 7_200, 7_200),
        ("upload-fresh", 60, 60),
        ("upload-slow", 7_200, 60),  # still being written
    ):
        content = folder / name / "content"
        content.parent.mkdir(parents=True)
        content.write_bytes(b"card:1")
        now = time.time()
        os.utime(content, (now - content_age_s,) * 2)
        os.utime(content.parent, (now - folder_age_s,) * 2)
    (folder / "upload-empty").mkdir()
    os.utime(folder / "upload-empty", (0, 0))
    return folder


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_an_upload_removes_what_was_left(uploads: Path) -> None:
    with intake.stored([b"content"], 7) as (path, _digest):
        assert path.read_bytes() == b"content"
        assert left(uploads) == sorted([path.parent.name, "upload-fresh", "upload-slow"])
    assert left(uploads) == ["upload-fresh", "upload-slow"]


@pytest.mark.django_db  # the start asks whether real partners deliver yet
def test_the_start_removes_what_was_left(uploads: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Server:
        def __init__(self, *_arguments: Any, **_named: Any) -> None:
            assert left(uploads) == ["upload-fresh", "upload-slow"]

        def serve(self) -> None:
            """Ends at once."""

    monkeypatch.setattr(granian, "Granian", Server)
    done = CliRunner().invoke(serve.serve, ["--port", "0"])
    assert done.exit_code == 0, done.output
    assert left(uploads) == ["upload-fresh", "upload-slow"]


def test_nothing_was_ever_uploaded(tmp_path: Path, settings: Any) -> None:
    settings.TANHUI_HOME = tmp_path
    intake.sweep_uploads()
    assert left(tmp_path / "uploads") == []
