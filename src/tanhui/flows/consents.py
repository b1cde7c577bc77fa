"""What a person allows: see it, give it, take it back; by the person or through a partner's app.

PIPL articles 13 to 17: informed, by purpose, as easy to take back as to give. A withdrawal holds
for every file that arrives from that moment on; what was counted and issued stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tanhui.books import queries as books
from tanhui.books.models import Batch
from tanhui.core.clock import utc_text
from tanhui.core.errors import NotFound
from tanhui.domain.citizens import services as citizens
from tanhui.domain.consents import errors, queries
from tanhui.domain.consents.models import ACCOUNT, ISSUING, ConsentReceipt
from tanhui.domain.consents.services import Said, Scope, Words, say
from tanhui.domain.partners import queries as partners
from tanhui.domain.partners.models import CONTRACT, Partner
from tanhui.engine.consent_texts import ConsentText, consent_texts, present_text
from tanhui.engine.names import name_of

from .platform import Platform

Json = dict[str, Any]


def answer(
    platform: Platform,
    person: int,
    *,
    given: bool,
    scene: str = "",
    partner: str = "",
    purpose: str = ACCOUNT,
    via: str,
) -> Json:
    """The person's own answer for a scene ('' for all) and a partner ('' for all), from now on.

    `purpose` is counting, or issuing what was counted. Raises NotFound for an unknown scene,
    partner or purpose, Conflict when nothing would change.
    """
    _check_scene(platform, scene)
    text = _text(platform, purpose)
    partner_id = partners.get(partner).pk if partner else None
    scope = Scope(scene=scene, partner_id=partner_id, purpose=purpose)
    receipt = say(
        person,
        scope,
        given=given,
        words=Words(version=text.version, sha256=text.sha256),
        said=Said(via=via, at=platform.clock()),
    )
    return shown(platform, receipt)


def forwarded(
    platform: Platform,
    partner: Partner,
    ref: str,
    *,
    given: bool,
    scene: str,
    version: str,
    said: Said,
) -> Json:
    """What a person said in a partner's app, about that partner's records of one scene or all.

    Raises InputRefused for a text nobody wrote or a time to come, NotFound for an unknown scene.
    """
    _check_scene(platform, scene)
    if said.at > platform.clock():
        raise errors.in_future(said.at)
    known = {each.version: each for each in consent_texts(platform.library_path)}
    if version not in known:
        raise errors.version_unknown(version)
    words = Words(version=version, sha256=known[version].sha256)
    people = citizens.identify(
        [ref], key=platform.identity_key, is_demo=partner.is_demo, anew=given
    )
    if ref not in people:  # who has left has nothing to withdraw
        raise errors.nothing_changes(given)
    scope = Scope(scene=scene, partner_id=partner.pk, purpose=known[version].purpose)
    return shown(platform, say(people[ref], scope, given=given, words=words, said=said))


def overview(platform: Platform, person: int) -> Json:
    """What stands now, for everything, by partner and by scene, and every receipt, newest first.

    `answer` is the last one that covers all of it, None where the person never said anything;
    `stands` is what follows for records that arrive now, and in `issuing`, the mandate, for pools
    that are issued from now on.
    """
    receipts = queries.of_person(person)
    named = Batch.objects.values_list("partner_id", flat=True).distinct()
    shown_partners = {*named, *(each.partner_id for each in receipts if each.partner_id)}
    known = list(partners.everyone().filter(pk__in=shown_partners))
    scenes = {total.scene for total in books.scene_totals(person)}
    scenes |= {each.scene for each in receipts if each.scene}
    return {
        **_of_purpose(platform, receipts, known, ACCOUNT),
        "scenes": [
            {
                "scene": scene,
                **_scene_names(platform, scene),
                "answer": _last(receipts, scene=scene, partner_id=None),
            }
            for scene in sorted(scenes)
        ],
        "issuing": _of_purpose(platform, receipts, known, ISSUING),
        "receipts": [shown(platform, each) for each in receipts],
    }


def _of_purpose(
    platform: Platform, receipts: Sequence[ConsentReceipt], known: Sequence[Partner], purpose: str
) -> Json:
    """The words, and what stands for everything and for each partner."""
    text = _text(platform, purpose)
    return {
        "text": {
            "version": text.version,
            "title_zh": text.title.zh,
            "title_en": text.title.en,
            "text_zh": text.text.zh,
            "text_en": text.text.en,
            "sha256": text.sha256,
            "evidence": text.tag,
        },
        "answer": _last(receipts, scene="", partner_id=None, purpose=purpose),
        "partners": [_partner(each, receipts, purpose) for each in known],
    }


def shown(platform: Platform, receipt: ConsentReceipt) -> Json:
    """A receipt as pages and API show it."""
    partner = partners.by_id(receipt.partner_id) if receipt.partner_id else None
    return {
        "id": str(receipt.pk),
        "at": utc_text(receipt.at),
        "given": receipt.given,
        "purpose": receipt.purpose,
        "scene": receipt.scene or None,
        **(_scene_names(platform, receipt.scene) if receipt.scene else _NO_NAMES),
        "partner": partner.code if partner else None,
        "partner_name_zh": partner.name_zh if partner else None,
        "partner_name_en": partner.name_en if partner else None,
        "text_version": receipt.text_version,
        "text_sha256": receipt.text_sha256,
        "via": receipt.via.partition(":")[0],
    }


_NO_NAMES: Json = {"name_zh": None, "name_en": None}


def _last(
    receipts: Sequence[ConsentReceipt],
    *,
    scene: str,
    partner_id: int | None,
    purpose: str = ACCOUNT,
) -> bool | None:
    """The newest answer that covers all of this; `receipts` are newest first."""
    for each in receipts:
        covers = each.scene in ("", scene) and each.partner_id in (None, partner_id)
        if covers and each.purpose == purpose:
            return each.given
    return None


def _partner(partner: Partner, receipts: Sequence[ConsentReceipt], purpose: str) -> Json:
    """What stands of one partner; nothing is issued of what may not be counted."""
    counting = _last(receipts, scene="", partner_id=partner.pk)
    last = _last(receipts, scene="", partner_id=partner.pk, purpose=purpose)
    stands = partner.consent_basis == CONTRACT if last is None else last
    return {
        "partner": partner.code,
        "name_zh": partner.name_zh,
        "name_en": partner.name_en,
        "basis": partner.consent_basis,
        "contract": partner.consent_contract or None,
        "answer": last,
        "stands": stands and (purpose == ACCOUNT or counting is not False),
    }


def _text(platform: Platform, purpose: str = ACCOUNT) -> ConsentText:
    now: datetime = platform.clock()
    return present_text(consent_texts(platform.library_path), purpose, on=now.date())


def _scene_names(platform: Platform, scene: str) -> Json:
    named = name_of(scene, platform.library_path, "scenes")
    return {"name_zh": named.zh, "name_en": named.en}


def _check_scene(platform: Platform, scene: str) -> None:
    if scene and scene not in platform.library.scenes:
        raise NotFound(
            "scene.unknown",
            zh=f"没有场景“{scene[:40]}”。",
            en=f"There is no scene '{scene[:40]}'.",
        )
