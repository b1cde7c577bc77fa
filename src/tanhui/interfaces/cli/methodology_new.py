"""`tanhui methodology new`: a commented starting file whose blanks `check` names one by one."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

import click

from tanhui.core.errors import Conflict, InputRefused
from tanhui.core.region import Region
from tanhui.engine.starting_file import Shape, shapes, starting_files

from .lawbook import library_option
from .output import console, json_option, show_json, table

SHAPE_DEFAULT = "unit-reduction"
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII)


@click.command("new")
@click.argument("code", required=False)
@click.option("--shape", default=SHAPE_DEFAULT, show_default=True, help="One of --shapes.")
@click.option("--shapes", "only_shapes", is_flag=True, help="List the shapes and write nothing.")
@click.option("--region", default="100000", show_default=True, help="GB/T 2260 code.")
@click.option("--scene", help="Scene; by default the usual one of the shape.")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="First day; today.")
@library_option
@json_option
def new(
    *,
    code: str | None,
    shape: str,
    only_shapes: bool,
    region: str,
    scene: str | None,
    first: datetime | None,
    library: Path,
    as_json: bool,
) -> None:
    """Write a commented starting file for CODE; `check` then names every blank that is left."""
    if only_shapes or code is None:
        _show_shapes(as_json)
        return
    chosen = _shape(shape)
    folder = _free_folder(library, Region(region).code, code)
    texts = starting_files(
        chosen,
        code=code,
        region=region,
        scene=scene or chosen.scene,
        first=first.date() if first else date.today(),  # noqa: DTZ011 - the author's own day
    )
    folder.mkdir(parents=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    files = [str(folder / name) for name in texts]
    if as_json:
        show_json({"code": code, "shape": shape, "files": files})
        return
    for file in files:
        console.print(file, markup=False)
    console.print(
        "填好每处 ____，再运行 tanhui methodology check\n"
        "Fill in every ____, then run tanhui methodology check"
    )


def _show_shapes(as_json: bool) -> None:
    rows = [
        {"shape": each.name, "use_zh": each.use.zh, "use_en": each.use.en, "scene": each.scene}
        for each in shapes().values()
    ]
    if as_json:
        show_json({"shapes": rows})
    else:
        table("形状 shapes", ["shape", "用于", "for"], [list(row.values())[:3] for row in rows])


def _shape(name: str) -> Shape:
    if name not in shapes():
        raise InputRefused(
            "methodology.shape_unknown",
            zh=f"没有名为“{name[:40]}”的形状；可选：{'、'.join(shapes())}。",
            en=f"There is no shape '{name[:40]}'; choose from {', '.join(shapes())}.",
        )
    return shapes()[name]


def _free_folder(library: Path, region: str, code: str) -> Path:
    """Where the new files go; raises InputRefused for a bad code, Conflict for a taken place."""
    if not _CODE.fullmatch(code):
        raise InputRefused(
            "methodology.code_malformed",
            zh=f"编号“{code[:60]}”只能用小写字母、数字和连字符，如 chengdu-metro。",
            en=f"The code '{code[:60]}' takes lower-case letters, digits and hyphens, "
            "such as chengdu-metro.",
        )
    folder = library / "methodologies" / region / code
    if folder.exists():
        raise Conflict(
            "methodology.exists",
            zh=f"{folder} 已存在，没有改动；请换编号，或把新版本放进 {code}/<版本>/。",
            en=f"{folder} exists and was left alone; take another code, or put a new version "
            f"into {code}/<version>/.",
        )
    return folder
