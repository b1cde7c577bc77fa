"""Thousands of random histories of pooling, issuing, moving and using: `make conserve`.

    python -m tests.conserving.driver --count 2000 --seed 0
    python -m tests.conserving.driver --count 1 --seed 1234     one history again, by its seed

On an empty database of its own, in a data folder of its own. The first history that does not hold
ends the run with its seed and what was told in it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from itertools import chain, groupby
from pathlib import Path

import tests.conftest  # noqa: F401  a data folder and a database for tests
from django.test.utils import setup_databases, teardown_databases
from tests.conserving.history import Violation
from tests.conserving.telling import HISTORIES_OF_A_WORLD, Told, a_world, tell


def tell_all(first: int, count: int, told: Told) -> None:
    """The histories of so many seeds, world after world; raises Violation."""
    seeds = range(first, first + count)
    for _, worlds in groupby(seeds, lambda seed: seed // HISTORIES_OF_A_WORLD):
        seed = next(worlds)
        with tempfile.TemporaryDirectory() as folder, a_world(seed, Path(folder)) as world:
            for each in chain([seed], worlds):
                told.add(tell(world, each))
                sys.stderr.write(f"\r{told.histories:,} histories, {told.acts:,} acts ")


def main() -> int:
    """The command line; exit 1 at the first history that does not hold."""
    parser = argparse.ArgumentParser(description="Tell random histories of units, and prove them.")
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    told, begun = Told(), time.monotonic()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        tell_all(given.seed, given.count, told)
    except Violation as error:
        sys.stderr.write(f"\n{error}\n")
        return 1
    finally:
        sys.stderr.write(f"\n{told.shown} in {time.monotonic() - begun:,.0f} s\n")
        teardown_databases(databases, verbosity=0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
