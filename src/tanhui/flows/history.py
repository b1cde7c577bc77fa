"""Which earlier batches a new one must look at, and where their evidence is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from tanhui.books.models import Batch
from tanhui.engine.batch.cut import Committed, past_of
from tanhui.engine.batch.laws import Laws
from tanhui.engine.batch.past import PastBatches
from tanhui.engine.methodology import Methodology

from .platform import Platform
from .sealed_law import find_law


@dataclass(frozen=True)
class PastLaw:
    """The methodologies under which earlier records stand, where the new batch must know them.

    `methods` are those that the new batch itself has not; `numbers` gives each identity its place
    in the laws of the new batch.
    """

    methods: list[Methodology]
    numbers: Mapping[tuple[str, str, str], int]
    is_known: bool


def past_law(platform: Platform, own: list[Methodology], scenes: Collection[str]) -> PastLaw:
    """What the new batch must know of earlier methodologies: nothing, unless one of the library
    reads own history or excludes another scene in the scenes of the batch.

    Raises NotFound when neither library nor evidence has a methodology that an earlier batch names.
    """
    concerned = any(
        (method.history and method.scene in scenes)
        or any(
            not {method.scene, *rule.scenes}.isdisjoint(scenes) for rule in method.exclusive_with
        )
        for method in platform.library.methodologies
    )
    if not concerned:
        return PastLaw([], {}, is_known=False)
    numbers = {method.identity: number for number, method in enumerate(own)}
    methods: list[Methodology] = []
    for seq, named in Batch.objects.order_by("seq").values_list("seq", "methodologies"):
        for each in named:
            identity = each["code"], each["version"], each["digest"]
            if identity not in numbers:
                methods.append(find_law(platform, each, batch=seq))
                numbers[identity] = len(numbers)
    return PastLaw(methods, numbers, is_known=True)


def past_batches(
    evidence: Path, scene_numbers: dict[str, int], law: PastLaw, laws: Laws
) -> PastBatches:
    """Every batch committed so far.

    Scenes that are new to `scene_numbers` are added to it, so that each past row has a number.
    """
    rows = Batch.objects.order_by("seq").values_list("seq", "uri", "buckets", "methodologies")
    committed = (Committed(seq, evidence / uri, cut, named) for seq, uri, cut, named in rows)
    return past_of(committed, scene_numbers, law.numbers if law.is_known else None, laws)
