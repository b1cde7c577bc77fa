"""What runs on a Spark worker: look whether this machine may settle, then settle one part.

What is wrong with a machine comes back as a value, not as an exception: Spark would only try the
same machine again, and its error text would hide the reason.
"""

from __future__ import annotations

import hashlib
import platform
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

import tanhui

from ..parts import Part, PartJob, SettledPart, settle_part

TOKEN_FILE = "shared"
LIBRARIES = ("numpy", "polars", "pyarrow")
CODE_FOLDERS = ("core", "engine")


@dataclass(frozen=True)
class SparkJob:
    """The job of a batch, and how a worker knows that it is fit for it."""

    job: PartJob
    token: str
    """What the file TOKEN_FILE of the scratch folder holds."""
    software: Mapping[str, str]


@dataclass(frozen=True)
class Unfit:
    """A worker that cannot settle: `why` is `storage` or `software`."""

    why: str
    host: str
    detail: str


@cache
def software() -> dict[str, str]:
    """What must be the same on every machine: Python, libraries, and our own code as a digest."""
    package = Path(tanhui.__file__).parent
    code = hashlib.sha256()
    for folder in CODE_FOLDERS:
        for path in sorted((package / folder).rglob("*.py")):
            code.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return {
        "python": ".".join(platform.python_version_tuple()[:2]),
        **{name: version(name) for name in LIBRARIES},
        "tanhui": f"{tanhui.__version__} {code.hexdigest()[:12]}",
    }


def settle_on_worker(
    spark_job: SparkJob, part: Part, progress: Callable[[int], None]
) -> SettledPart | Unfit:
    """Settle the part, or say why this machine cannot."""
    unfit = _unfit(spark_job)
    if unfit is not None:
        return unfit
    settled = settle_part(spark_job.job, part)
    progress(part.rows)
    return settled


def _unfit(spark_job: SparkJob) -> Unfit | None:
    host, scratch = socket.gethostname(), spark_job.job.scratch
    own = software()
    differs = [
        f"{name} {own.get(name)} instead of {wanted}"
        for name, wanted in spark_job.software.items()
        if own.get(name) != wanted
    ]
    if differs:
        return Unfit("software", host, ", ".join(differs))
    try:
        seen = (scratch / TOKEN_FILE).read_text(encoding="ascii")
        rows_there = spark_job.job.landed.path.is_file()
        (scratch / f"{TOKEN_FILE}-{host}").touch()
    except OSError as error:
        return Unfit("storage", host, str(error))
    if seen != spark_job.token or not rows_there:
        return Unfit("storage", host, f"{scratch} is another folder there")
    return None
