"""The data folder: `TANHUI_HOME` (default `./var`) and the secrets kept in it.

<home>/pg         the embedded PostgreSQL (only when DATABASE_URL is unset)
<home>/evidence   immutable batches
<home>/keys       secrets, readable by the owner only
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

SECRET_BYTES = 32
PROJECT = Path(__file__).resolve().parents[3]


def data_home() -> Path:
    """Absolute path of the data folder; created when missing."""
    home = Path(os.environ.get("TANHUI_HOME", "var")).expanduser().resolve()
    home.mkdir(parents=True, exist_ok=True)
    return home


def library_path() -> Path:
    """The folder of law as data: `TANHUI_LIBRARY`, by default the one of the project."""
    return Path(os.environ.get("TANHUI_LIBRARY", PROJECT / "library"))


def secret(name: str) -> bytes:
    """The secret `name` of this installation, made on first use, mode 0600 in a 0700 folder."""
    folder = data_home() / "keys"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{name}.key"
    if not path.exists():
        fresh = folder / f".{name}.{os.getpid()}"
        fresh.touch(mode=0o600)
        fresh.write_bytes(secrets.token_bytes(SECRET_BYTES))
        try:
            os.link(fresh, path)  # first writer wins, nobody sees half a key
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_bytes()
