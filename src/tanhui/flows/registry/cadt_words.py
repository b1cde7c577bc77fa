"""What our words are called in the picklists of Climate Action Data Trust v2.0.2.

The values are theirs to the letter, mistakes included; a test holds them against the schema. What
nobody decided is not guessed: a methodology that is not here has no sector, so its projects are
left out of the export and listed. Whether displaced power is an avoidance or a reduction is not
settled in Chinese rules; only planting is called a removal.
"""

from __future__ import annotations

from typing import NamedTuple

METRIC = "tCO2e"
COUNTRY = "China"
OWNER = "Owner"
NOT_DETERMINED = "Not Determined"
PLANTED = "Removal - nature"

PROJECT_STATUS = {
    "disclosed": "Listed",
    "applied": "Listed",
    "assessed": "Listed",
    "noticed": "Listed",
    "registered": "Registered",
    "suspended": "Inactive",
    "rejected": "Rejected",
    "withdrawn": "Withdrawn",
    "ended": "Completed",
}
UNIT_STATUS = {
    "held": "Held",
    "pledged": "Held",
    "listed": "Held",
    "locked": "Inactive",
    "retired": "Retired",
    "cancelled": "Cancelled",
}
BUFFER_STATUS = "Buffer"

VERIFIERS = frozenset(
    {
        "CGN Certification",
        "China Building Material Test & Certification Group Co. Limited",
        "China Certification Center Inc.",
        "China Classification Society Certification Co. Limited",
        "China Environmental United Certification Center Co. Limited",
        "China Quality Certification Center",
        "China Testing & Certification International Group Co. Limited",
        "Shenzhen CTI International Certification Co. Limited",
        "TÜV Rheinland (China) Limited",
    }
)
"""Chinese bodies among the 58 they know, by the English name under which we register them."""


class Field(NamedTuple):
    """What a methodology's projects are in their words."""

    sector: str
    type: str
    unit_type: str = NOT_DETERMINED


_ENERGY = "Energy industries (renewable-/ non renewable sources)"
_DEMAND = "Energy demand"
_FOREST = "Afforestation and reforestation"
_WASTE = "Waste handling and disposal"
_OTHERS = "Others"
_LAND = "Agriculture, forestry and other land use (AFOLU)"

_SOLAR = Field(_ENERGY, "Solar")
_VEHICLES = Field("Transport", "Transport")
_PLANTING = Field(_FOREST, "Afforestation", PLANTED)
_MANGROVES = Field(_FOREST, _LAND, PLANTED)
_TENDING = Field(_OTHERS, _LAND)
_RECYCLING = Field(_WASTE, "Waste")
_COOLING = Field(_DEMAND, "Energy Efficiency service")

_CODES: dict[Field, tuple[str, ...]] = {
    _SOLAR: (
        *("shanghai-pv", "yueqing-pv", "wuhan-pv", "guangdong-pv", "guangdong-pv-2024"),
        *("shenzhen-pv", "chengdu-pv", "yinchuan-pv"),
    ),
    _VEHICLES: ("beijing-hydrogen-vehicles", "hubei-vessel"),
    Field(_ENERGY, "Geothermal"): ("shandong-geo-deep", "shandong-geo-shallow"),
    _PLANTING: ("ar-cm-001", "ccer-14-001", "chengdu-afforestation"),
    _MANGROVES: ("ccer-14-002", "fujian-mangrove", "hainan-mangrove"),
    _TENDING: (
        *("ar-cm-003", "ccer-14-003", "ccer-14-004", "shandong-seagrass", "yongchun-forest-ticket"),
        *("hubei-forest-quality", "guangdong-forest", "guangdong-mangrove-2023"),
        *("guangzhou-forest", "shenzhen-forest", "shenzhen-mangrove-protect"),
        *("sichuan-scer-ly-001", "sichuan-scer-ly-002", "sichuan-scer-ly-003"),
        *("chengdu-greenway", "chengdu-linpan", "chengdu-wetland"),
    ),
    _RECYCLING: (
        *("xiamen-waste-sort", "wuhan-end-of-life-vehicles", "guangdong-waste-reuse"),
        *("chengdu-construction-waste", "chengdu-electronics", "chengdu-plastic"),
        *("chengdu-kitchen-waste-energy", "chengdu-kitchen-waste-recycling"),
        "chengdu-waste-to-energy",
    ),
    _COOLING: ("shenzhen-chiller",),
    Field("Livestock and manure management", "Methane avoidance"): ("wuhan-poultry",),
    Field("Agriculture", "Agriculture"): ("chengdu-fertiliser",),
}

UNDECIDED = Field(_OTHERS, "Any combination of the above")  # of made-up projects alone

FIELDS: dict[str, Field] = {code: field for field, codes in _CODES.items() for code in codes}
