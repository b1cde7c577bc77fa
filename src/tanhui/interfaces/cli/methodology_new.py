"""`tanhui methodology new`: a commented starting file whose blanks `check` names one by one."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

import click

from tanhui.core.errors import Conflict, InputRefused
from tanhui.core.region import Region
from tanhui.engine.library import Library
from tanhui.engine.project.nouns import ProjectMethodology
from tanhui.engine.project.starting_project import CASES, starting_project, templates
from tanhui.engine.starting_file import Shape, shapes, starting_files

from ..home import library_path
from .lawbook import library_option
from .output import console, json_option, show_json, table

SHAPE_DEFAULT = "unit-reduction"
KINDS = ("behaviour", "project")
NEXT = {
    "behaviour": "填好每处 ____，再运行 tanhui methodology check\n"
    "Fill in every ____, then run tanhui methodology check",
    "project": "可以载入；公式、取值与来源改成正文所写，再运行 tanhui methodology check\n"
    "It loads; write the equations, values and sources of the text of the law into it, "
    "then run tanhui methodology check",
}
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII)


@click.command("new")
@click.argument("code", required=False)
@click.option("--kind", type=click.Choice(KINDS), default=KINDS[0], show_default=True)
@click.option("--shape", help=f"One of --shapes; for a behaviour {SHAPE_DEFAULT} by default.")
@click.option("--shapes", "only_shapes", is_flag=True, help="List the shapes and write nothing.")
@click.option("--region", default="100000", show_default=True, help="GB/T 2260 code.")
@click.option("--scene", help="Scene; by default the usual one of the shape.")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="First day; today.")
@library_option
@json_option
def new(
    *,
    code: str | None,
    kind: str,
    shape: str | None,
    only_shapes: bool,
    region: str,
    scene: str | None,
    first: datetime | None,
    library: Path,
    as_json: bool,
) -> None:
    """Write a commented starting file for CODE; `check` then names every blank that is left."""
    if only_shapes or code is None:
        _show_shapes(kind, library, as_json)
        return
    folder = _free_folder(library, Region(region).code, code)
    day = first.date() if first else date.today()  # noqa: DTZ011 - the author's own day
    if kind == "project":
        chosen, texts = _project(shape, library, code=code, region=region, first=day)
    else:
        behaviour = _shape(shape or SHAPE_DEFAULT)
        chosen = behaviour.name
        texts = starting_files(
            behaviour, code=code, region=region, scene=scene or behaviour.scene, first=day
        )
    folder.mkdir(parents=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    files = [str(folder / name) for name in texts]
    if as_json:
        show_json({"code": code, "shape": chosen, "files": files})
        return
    for file in files:
        console.print(file, markup=False, soft_wrap=True)
    console.print(NEXT[kind], soft_wrap=True)


def _project(
    shape: str | None, library: Path, *, code: str, region: str, first: date
) -> tuple[str, dict[str, str]]:
    """The shape and the texts drafted from its template; tables it uses that the library lacks
    are copied there. Raises InputRefused for a shape without a template.
    """
    root, found = _templates(library)
    if shape not in found:
        raise InputRefused(
            "methodology.shape_unknown",
            zh=f"项目方法学没有形状“{(shape or '')[:40]}”的模板；请用 --shape 选择："
            f"{'、'.join(found)}。",
            en=f"There is no template of the project shape '{(shape or '')[:40]}'; choose one with "
            f"--shape: {', '.join(found)}.",
        )
    template = found[shape]
    cases = (root / template.file).with_name(CASES).read_text(encoding="utf-8")
    for name, text in template.texts.items():
        if "/" in name and not any(library.glob(f"{Path(name).parts[0]}/**/{Path(name).name}")):
            (library / name).parent.mkdir(parents=True, exist_ok=True)
            (library / name).write_text(text, encoding="utf-8")
    return shape, starting_project(template, cases, code=code, region=region, first=first)


def _templates(library: Path) -> tuple[Path, dict[str, ProjectMethodology]]:
    """The templates of this library, else of the installation's own, and its folder."""
    for root in (library, library_path()):
        if root.is_dir():
            found = templates(Library.load(root).projects)
            if found:
                return root, found
    return library, {}


def _show_shapes(kind: str, library: Path, as_json: bool) -> None:
    rows: list[dict[str, str | None]]
    if kind == "project":
        _, found = _templates(library)
        rows = [
            {"shape": name, "use_zh": each.title.zh, "use_en": each.title.en, "scene": None}
            for name, each in found.items()
        ]
    else:
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
