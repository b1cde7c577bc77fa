"""Who plays in the demo city: three partners and the log-ins; nobody here exists.

The organisations and officials of its register are in `offices`.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from .offices import OFFICIALS
from .people import FIRST_CITIZEN, person_ref

PASSWORD_WORDS = (
    "river", "bridge", "lotus", "crane", "willow", "tram", "breeze", "pebble",
    "maple", "heron", "meadow", "lantern", "harbour", "plum", "cedar", "cloud",
)  # fmt: skip


@dataclass(frozen=True)
class DemoPartner:
    """A partner as it is registered; `feed` and `suffix` say how it reports."""

    code: str
    name_zh: str
    name_en: str
    feed: str
    suffix: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class LogIn:
    """A way in: `subject` is a person's ref, a partner's code or an organisation's key.

    Officials have no password: they come in by the demo's own door, which closes beside real data.
    """

    username: str
    password: str
    role: str  # citizen | partner | a role of the registry
    subject: str


COLUMNS = ("external_id", "person", "scene", "region", "started_at", "ended_at")

METRO = DemoPartner(
    "demo-metro", "演示城市公共交通", "Demo City Transit", "canonical", "csv",
    (*COLUMNS, "corrects", "distance_km"),
)  # fmt: skip
PAY = DemoPartner(
    "demo-pay", "演示支付", "Demo Pay", "canonical", "ndjson",
    (*COLUMNS, "corrects", "distance_km"),
)  # fmt: skip
POWER = DemoPartner(
    "demo-power", "演示电力", "Demo Power", "canonical", "csv",
    (*COLUMNS, "corrects", "energy_kwh", "baseline_kwh", "actual_kwh"),
)  # fmt: skip
PARTNERS = (METRO, PAY, POWER)


def log_ins(secret: bytes) -> tuple[LogIn, ...]:
    """The log-ins of one installation; passwords follow from its own secret, never from the code.

    >>> [one.username for one in log_ins(b"secret")][:5]
    ['demo-citizen', 'demo-metro', 'demo-pay', 'demo-power', 'demo-operator']
    """
    citizen = LogIn(
        "demo-citizen", _password(secret, "demo-citizen"), "citizen", person_ref(FIRST_CITIZEN)
    )
    partners = (
        LogIn(partner.code, _password(secret, partner.code), "partner", partner.code)
        for partner in PARTNERS
    )
    officials = (LogIn(one.username, "", one.role, one.organisations[0]) for one in OFFICIALS)
    return citizen, *partners, *officials


def _password(secret: bytes, username: str) -> str:
    digest = blake2b(username.encode(), key=secret[:64], digest_size=16).digest()
    words = [PASSWORD_WORDS[byte % len(PASSWORD_WORDS)] for byte in digest[:4]]
    return "-".join(["demo", *words, f"{int.from_bytes(digest[4:8], 'big') % 10_000:04d}"])
