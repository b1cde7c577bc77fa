"""Forms of matters, made from the fields of a lifecycle: what is written there is what is asked.

Every value is text here; the flow reads and checks it, and its refusals come back to the fields
they name. A table's rows are inputs `key-row-column`; rows left empty are not sent.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tanhui.core.errors import TanhuiError
from tanhui.domain.matters.fields import ROWS_MAX, Field
from tanhui.engine.section import Text

ROWS_OFFERED = 3
TEXT_ROWS = 2
KEYBOARDS = {"integer": "numeric", "organisation": "numeric", "decimal": "decimal"}


def in_language(text: Text) -> str:
    """The words in the reader's language."""
    return text.en if get_language() == "en" else text.zh


class FieldsForm(forms.Form):
    """One input for each simple field; tables are read and drawn apart."""

    key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)

    def __init__(self, fields: tuple[Field, ...], *arguments: Any, **named: Any) -> None:
        named.setdefault("initial", {"key": uuid.uuid4().hex})
        super().__init__(*arguments, **named)
        self.tables = [field for field in fields if field.type == "table"]
        self.simple = [field for field in fields if field.type != "table"]
        for field in self.simple:
            self.fields[field.key] = _input(field)

    @property
    def drawn(self) -> list[forms.BoundField]:
        """The inputs that stand in the form, in the order of the lifecycle."""
        return [self[field.key] for field in self.simple]

    @property
    def grids(self) -> list[dict[str, Any]]:
        """The tables with what was written in them so far, and empty rows to go on."""
        given = self.data if isinstance(self.data, MultiValueDict) else MultiValueDict()
        grids = []
        for table in self.tables:
            rows = [
                [
                    {
                        "head": in_language(column.name),
                        "name": name,
                        "value": given.get(name, ""),
                        "choices": [(one.value, in_language(one.name)) for one in column.choices],
                        "mode": KEYBOARDS.get(column.type, ""),
                    }
                    for column in table.columns
                    for name in [f"{table.key}-{row}-{column.key}"]
                ]
                for row in range(_rows_in(given, table))
            ]
            heads = [in_language(column.name) + _in_unit(column) for column in table.columns]
            name = in_language(table.name)
            grids.append({"name": name, "key": table.key, "heads": heads, "rows": rows})
        return grids

    def said(self) -> dict[str, Any]:
        """The data as the flow takes it: empty inputs left out, tables as rows."""
        found: dict[str, Any] = {}
        for field in self.simple:
            value = self.cleaned_data[field.key]
            if field.type == "yes":
                found[field.key] = bool(value)
            elif value != "":
                found[field.key] = value
        given = self.data if isinstance(self.data, MultiValueDict) else MultiValueDict()
        for table in self.tables:
            found[table.key] = _rows(given, table)
        return found

    def take_back(self, error: TanhuiError) -> None:
        """Put what the flow refused to the fields it named, the rest above the form."""
        named = error.values.get("errors", ())
        for one in named:
            where = one["where"]
            what = one["what"] if get_language() == "en" else one.get("what_zh", one["what"])
            is_simple = any(field.key == where for field in self.simple)
            self.add_error(where if is_simple else None, what if is_simple else f"{where}: {what}")
        if not named:
            self.add_error(None, error.en if get_language() == "en" else error.zh)


class NewMatterForm(FieldsForm):
    """The same with what every matter has: a title, a place, an organisation."""

    title = forms.CharField(label=_("名称"), max_length=200)
    region = forms.CharField(label=_("地区代码"), max_length=6)
    organisation = forms.TypedChoiceField(
        label=_("机构"), required=False, coerce=int, empty_value=None
    )
    parent = forms.CharField(label=_("所属事项"), required=False, max_length=40)

    def __init__(
        self,
        fields: tuple[Field, ...],
        *arguments: Any,
        organisations: list[tuple[int, str]],
        has_parent: bool,
        **named: Any,
    ) -> None:
        super().__init__(fields, *arguments, **named)
        choice = self.fields["organisation"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = organisations or [("", "—")]
        self.fields["parent"].required = has_parent
        if not has_parent:
            del self.fields["parent"]

    @property
    def drawn(self) -> list[forms.BoundField]:
        """What every matter has first, then the kind's own fields."""
        common = ("title", "region", "organisation", "parent")
        return [self[name] for name in common if name in self.fields] + super().drawn


def _input(field: Field) -> forms.Field:
    label = in_language(field.name) + _in_unit(field)
    told = in_language(field.help) if field.help else ""
    is_required = field.is_required and field.type != "yes"
    common: Mapping[str, Any] = {"label": label, "required": is_required, "help_text": told}
    if field.type == "yes":
        return forms.BooleanField(**common)
    if field.type == "choice":
        choices = [(choice.value, in_language(choice.name)) for choice in field.choices]
        return forms.ChoiceField(choices=[("", "—"), *choices], **common)
    made = forms.CharField(max_length=2_000, **common)
    is_text = field.type == "text"
    made.widget = forms.Textarea({"rows": TEXT_ROWS}) if is_text else _line_of(field.type)
    return made


def _line_of(type_: str) -> forms.TextInput:
    """A line that brings up the right keyboard, or the calendar."""
    attributes = {
        "day": {"type": "date"},
        "month": {"placeholder": "2025-11"},
    }
    if type_ in KEYBOARDS:
        return forms.TextInput({"inputmode": KEYBOARDS[type_]})
    return forms.TextInput(attributes.get(type_))


def _in_unit(field: Field) -> str:
    return f" ({field.unit})" if field.unit else ""


def _rows_in(given: MultiValueDict[str, Any], table: Field) -> int:
    """One more than the last row in which something was written, and rows to go on."""
    place = re.compile(rf"{re.escape(table.key)}-(\d{{1,4}})-", re.ASCII)
    numbers = {int(found[1]) for name in given if (found := place.match(name))}
    used = [number for number in numbers if any(_cell(given, table, number).values())]
    return min(max(used, default=-1) + 1, ROWS_MAX) + ROWS_OFFERED


def _rows(given: MultiValueDict[str, Any], table: Field) -> list[dict[str, str]]:
    rows = (_cell(given, table, number) for number in range(_rows_in(given, table)))
    return [
        {name: value for name, value in row.items() if value} for row in rows if any(row.values())
    ]


def _cell(given: MultiValueDict[str, Any], table: Field, row: int) -> dict[str, str]:
    return {
        column.key: str(given.get(f"{table.key}-{row}-{column.key}", "")).strip()
        for column in table.columns
    }
