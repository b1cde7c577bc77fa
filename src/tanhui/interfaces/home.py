"""The data folder: `TANHUI_HOME` (default `./var`) and the secrets kept in it.

<home>/pg         the embedded PostgreSQL (only when DATABASE_URL is unset)
<home>/evidence   immutable batches
<home>/keys       secrets, readable by the owner only
<home>/cache      what can be worked out again; may be deleted
<home>/log        the public log, served as it is; <home>/log-sm its SM twin
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
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
    """The secret `name` of this installation, random, made on first use."""
    return keep_secret(name, lambda: secrets.token_bytes(SECRET_BYTES))


def keep_secret(name: str, make: Callable[[], bytes]) -> bytes:
    """The secret `name`; on first use `make` makes it. Mode 0600 in a 0700 folder."""
    path = keys_folder() / f"{name}.key"
    if not path.exists():
        fresh = path.with_name(f".{name}.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_bytes(make())
        try:
            os.link(fresh, path)  # first writer wins, nobody sees half a key
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_bytes()


def drop_secret(name: str) -> None:
    """Remove a secret that is kept under another name by now."""
    (keys_folder() / f"{name}.key").unlink(missing_ok=True)


def secret_names() -> list[str]:
    """The names of the secrets that exist."""
    return sorted(path.stem for path in keys_folder().glob("[!.]*.key"))


def keys_folder() -> Path:
    """The folder of the secrets and the key store, readable by the owner only."""
    folder = data_home() / "keys"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
