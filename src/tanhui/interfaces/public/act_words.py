"""Acts of the public log in words: those of matters by their lifecycle, the rest by the table."""

from __future__ import annotations

from tanhui.interfaces.platform import installed
from tanhui.interfaces.templatetags.tanhui import is_english

from .words import ACTS

OF_MATTERS = "registry"


def act_words(verb: str) -> str:
    """What an act is called; one that nobody named keeps its dotted name.

    `registry.project.register` is 减排项目：登记, from the names of the lifecycle and its step.
    """
    if verb in ACTS:
        return str(ACTS[verb])
    room, _, rest = verb.partition(".")
    kind, _, step = rest.partition(".")
    rules = installed().lifecycles.get(kind) if room == OF_MATTERS else None
    if rules is None:
        return verb
    taken = rules.opens if step == "open" else rules.steps.get(step)
    if taken is None:
        return verb
    if is_english():
        return f"{rules.title.en}: {taken.name.en}"
    return f"{rules.title.zh}：{taken.name.zh}"
