"""Shapes of the API's answers about law as data: behaviour and project methodologies."""

from __future__ import annotations

from typing import Any

from ninja import Schema
from pydantic import Field


class MethodologyShort(Schema):
    """One methodology in a list; `equations` says what its equations stand on."""

    code: str
    version: str
    kind: str
    scene: str = Field(description="empty for a project")
    scene_zh: str
    scene_en: str
    title_zh: str
    title_en: str
    regions: list[str]
    valid_from: str
    valid_to: str | None
    equations: str = Field(examples=["published_summary"])
    enabled: bool = Field(description="false: shown, never applied")
    standing: str = Field(
        description="what may be done with it today: creditable, waiting for values, calculation "
        "only, not_in_force, disabled"
    )
    life: list[dict[str, Any]] = Field(description="steps of its life; empty when not told")
    values: int
    values_unknown: int = Field(description="values that are not known, and so not used")


class MethodologyPage(Schema):
    """Methodologies by code; `next` is the `after` of the next page."""

    items: list[MethodologyShort]
    next: str | None
    total: int
    status: dict[str, int] = Field(description="status of the equations -> how many of `total`")


class MethodologyFull(MethodologyShort):
    """Formula, numbers of law with source and evidence, terms, worked cases, versions, limits."""

    digest: str
    file: str
    zone_minutes: int
    status: dict[str, Any]
    disabled_zh: str | None
    disabled_en: str | None
    skeleton: list[dict[str, Any]]
    fields_: list[dict[str, Any]] = Field(alias="fields")
    parameters: list[dict[str, Any]]
    applies: list[str]
    formula: list[dict[str, Any]]
    result: dict[str, Any]
    caps: list[dict[str, Any]]
    history: list[dict[str, Any]]
    exclusive_with: list[dict[str, Any]]
    claim: dict[str, Any] | None
    allocation: dict[str, str]
    group: str | None
    reward: dict[str, Any] | None
    overlap: bool
    cases: list[dict[str, Any]]
    versions: list[dict[str, Any]]
    limits: dict[str, Any]


class ProjectMethodologyFull(MethodologyShort):
    """A project's: inputs, formulas with their indices, tables, limits, questions, cases."""

    shape: str
    digest: str
    file: str
    overlay: str | None
    status: dict[str, Any]
    disabled_zh: str | None
    disabled_en: str | None
    skeleton: list[dict[str, Any]]
    sets: list[dict[str, Any]]
    inputs: list[dict[str, Any]]
    parameters: list[dict[str, Any]]
    lookups: list[dict[str, Any]]
    formula: list[dict[str, Any]]
    results: dict[str, str]
    outputs: list[str]
    rounding: dict[str, str]
    limits: list[dict[str, Any]]
    applicability: list[dict[str, Any]]
    alternatives: list[dict[str, Any]]
    cases: list[dict[str, Any]]
    versions: list[dict[str, Any]]
