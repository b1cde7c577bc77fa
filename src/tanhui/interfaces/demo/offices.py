"""Who plays in the demo's registry: organisations and the log-ins that act for them; none exists.

Every official acts for a demo organisation, which is what keeps it inside demo matters
(`flows.registry.callers`).
"""

from __future__ import annotations

from dataclasses import dataclass

from .month import REGION

PROVINCE, SCHOOL_REGION = "420000", "430100"
WUCHANG, HONGSHAN = "420106", "420111"


@dataclass(frozen=True)
class DemoOrganisation:
    """An organisation as it is registered; `key` is what the story calls it."""

    key: str
    name_zh: str
    name_en: str
    kind: str
    region: str = REGION


@dataclass(frozen=True)
class Official:
    """A log-in with one role of `domain.organisations`, for one organisation or several."""

    username: str
    role: str
    organisations: tuple[str, ...]
    region: str = REGION


ORGANISATIONS = (
    DemoOrganisation("operator", "演示运营机构", "Demo Operator", "platform"),
    DemoOrganisation("bureau", "演示主管部门", "Demo Authority", "government"),
    DemoOrganisation("solar", "演示光伏公司", "Demo Solar", "enterprise", WUCHANG),
    DemoOrganisation("park", "演示产业园", "Demo Industrial Park", "enterprise", HONGSHAN),
    DemoOrganisation("village", "演示社区", "Demo Community", "village", WUCHANG),
    DemoOrganisation("pooling", "演示归集平台", "Demo Pooling Platform", "platform"),
    DemoOrganisation("marathon", "演示赛事公司", "Demo Race Company", "enterprise"),
    DemoOrganisation("branch", "演示银行网点", "Demo Bank Branch", "bank", WUCHANG),
    DemoOrganisation("verifier", "演示核证机构甲", "Demo Verifier One", "verifier"),
    DemoOrganisation("verifier-2", "演示核证机构乙", "Demo Verifier Two", "verifier"),
    DemoOrganisation("school", "演示大学", "Demo University", "charity", SCHOOL_REGION),
    DemoOrganisation("court", "演示办案机关", "Demo Case Authority", "government"),
)

OFFICIALS = (
    Official("demo-operator", "operator", ("operator",)),
    Official("demo-authority", "authority", ("bureau",)),
    Official("demo-authority-2", "authority", ("bureau",)),
    Official("demo-owner", "owner", ("solar", "park")),
    Official("demo-pooling", "owner", ("pooling",)),
    Official("demo-buyer", "owner", ("marathon", "branch")),
    Official("demo-verifier", "verifier", ("verifier",)),
    Official("demo-verifier-2", "verifier", ("verifier-2",)),
    Official("demo-expert", "expert", ("school",), PROVINCE),
    Official("demo-court", "case_authority", ("court",)),
)
