"""Steps of matters as pages and routes take them: done in the books, then told in the public log.

Who reads the register right after an act finds it in the log, with its proof.
"""

from __future__ import annotations

from tanhui.domain.matters.models import Step
from tanhui.flows.registry import matters
from tanhui.flows.registry.callers import Caller

from .log import publish_quietly
from .platform import platform


def open_matter(caller: Caller, asked: matters.OpenRequest) -> Step:
    """As `matters.open_matter` on this platform."""
    step = matters.open_matter(platform(), caller, asked)
    publish_quietly()
    return step


def take_step(caller: Caller, number: str, asked: matters.StepRequest) -> Step:
    """As `matters.take_step` on this platform."""
    step = matters.take_step(platform(), caller, number, asked)
    publish_quietly()
    return step
