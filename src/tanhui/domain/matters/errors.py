"""What matters can refuse."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from tanhui.core.errors import Conflict, Denied, InputRefused, NotFound
from tanhui.engine.names import Named


def kind_unknown(kind: str) -> NotFound:
    """No lifecycle of that name."""
    return NotFound(
        "matter.kind_unknown",
        zh=f"没有“{kind[:40]}”这类事项；请从事项目录中选择。",
        en=f"There is no kind of matter '{kind[:40]}'; choose one of the list.",
    )


def matter_unknown(number: str) -> NotFound:
    """No such matter, or not for the caller."""
    return NotFound(
        "matter.unknown",
        zh=f"没有编号为“{number[:40]}”的事项，或您无权查看。",
        en=f"There is no matter '{number[:40]}', or it is not for you.",
    )


class NotYours(Denied):
    """Known to us, but not allowed to do this."""

    status = 403


def not_yours(verb: str, roles: Collection[str]) -> NotYours:
    """The caller has none of the roles that may take the step there."""
    return NotYours(
        "matter.step.not_yours",
        zh=f"“{verb}”只能由该事项所在地区或机构的 {'、'.join(roles)} 办理；请由其登录后办理。",
        en=f"'{verb}' is for {', '.join(roles)} of the matter's region or organisation; "
        "let them sign in and do it.",
    )


def own_matter(verb: str) -> NotYours:
    """The caller acts for the organisation that the step decides about."""
    return NotYours(
        "matter.step.own_matter",
        zh=f"您是该事项所属机构的人员，不能以主管或评审身份办理“{verb}”；请由其他有权人员办理。",
        en=f"You act for the matter's organisation and cannot take '{verb}' as authority or judge; "
        "let somebody else who may do it.",
    )


def other_region(number: str, region: str) -> Conflict:
    """A matter under another one that is of another region."""
    return Conflict(
        "matter.other_region",
        zh=f"事项 {number} 属于地区 {region}；其下的事项应在同一地区新建。",
        en=f"The matter {number} is of {region}; what belongs to it is opened there.",
    )


def step_forbidden(verb: str, state: str, possible: Collection[str]) -> Conflict:
    """The matter's state, or what it is for, does not allow the step."""
    ways = "、".join(possible) or "无"
    return Conflict(
        "matter.step.forbidden",
        zh=f"事项现在的状态是“{state}”，不能办理“{verb}”；此事项现在可办：{ways}。",
        en=f"The matter is '{state}' and '{verb}' cannot be taken; possible for it now: "
        f"{', '.join(possible) or 'nothing'}.",
        state=state,
        possible=sorted(possible),
    )


def documents_missing(kinds: Mapping[str, Named]) -> InputRefused:
    """Documents that the step asks for and nobody handed in, by kind with what each is called."""
    zh = "、".join(f"{named.zh}（{kind}）" for kind, named in kinds.items())
    en = ", ".join(f"{named.en} ({kind})" for kind, named in kinds.items())
    return InputRefused(
        "matter.documents_missing",
        zh=f"还缺材料：{zh}；请先上传。",
        en=f"Documents are missing: {en}; hand them in first.",
        missing=sorted(kinds),
    )


def notice_open(last_day: date) -> Conflict:
    """The public notice has not ended."""
    return Conflict(
        "matter.notice.open",
        zh=f"公示期到 {last_day}（含当日）为止；请在其后办理。",
        en=f"The public notice lasts until the end of {last_day}; take the step afterwards.",
        last_day=last_day.isoformat(),
    )


def objection_open(count: int) -> Conflict:
    """Objections that nobody answered."""
    return Conflict(
        "matter.notice.objection_open",
        zh=f"还有 {count} 条异议未答复；请先逐条答复。",
        en=f"{count} objections are not answered; answer each first.",
    )


def same_person() -> Conflict:
    """The second approval came from the person of the first."""
    return Conflict(
        "matter.approval.same_person",
        zh="该步骤需要两人办理，您已提出；请由另一位有权人员确认。",
        en="This step needs two people and you proposed it; somebody else must approve.",
    )


def proposal_differs() -> Conflict:
    """The second person said something else than the first."""
    return Conflict(
        "matter.approval.differs",
        zh="确认的内容与提出的不同；请核对后按相同内容确认，或由提出人另行提出。",
        en="What you approve differs from what was proposed; approve the same, or have it proposed "
        "again.",
    )


def data_unreadable() -> InputRefused:
    """A request that has no canonical form: a fraction, a number beyond 2**53, half a character."""
    return InputRefused(
        "matter.data_unreadable",
        zh='数据中有小数、过大的数或不完整的字符；小数与大数请写成文字，如 "0.5"。',
        en="The data have a fraction, a number too large or half a character; write fractions and "
        'large numbers as text, such as "0.5".',
    )


def comment_malformed(chars_max: int) -> InputRefused:
    """A comment that cannot be shown."""
    return InputRefused(
        "matter.comment.malformed",
        zh=f"意见应为 1 至 {chars_max} 个可见字符，并写明称呼；请改正。",
        en=f"A comment has 1 to {chars_max} printable characters and a name; correct it.",
    )


def comment_answered() -> Conflict:
    """An answer stands there already, and others read it."""
    return Conflict(
        "matter.comment.answered",
        zh="该意见已经答复并公开，不能改写；请刷新事项页面。",
        en="The comment was answered and the answer is public; it is not rewritten. Look at the "
        "matter again.",
    )


def comment_unknown(number: int) -> NotFound:
    """Nobody said that."""
    return NotFound(
        "matter.comment.unknown",
        zh=f"没有编号为 {number} 的意见；请从事项页面进入。",
        en=f"There is no comment {number}; choose one on the matter's page.",
    )


def notice_unknown(number: int) -> NotFound:
    """No such notice, or of another matter."""
    return NotFound(
        "matter.notice.unknown",
        zh=f"没有编号为 {number} 的公示；请从公示列表进入。",
        en=f"There is no notice {number}; choose one of the list.",
    )


def document_unknown() -> NotFound:
    """No such document, or not for the caller."""
    return NotFound(
        "matter.document.unknown",
        zh="该事项没有这份材料；请刷新事项页面。",
        en="The matter has no such document; look at the matter again.",
    )


def notice_over() -> Conflict:
    """The notice takes no comments any more."""
    return Conflict(
        "matter.notice.over",
        zh="公示期已过，不再接收意见；可向主管部门书面反映。",
        en="The notice has ended and takes no more comments; write to the authority.",
    )


def document_malformed(size_max: int) -> InputRefused:
    """A file that is empty, too large, or has no usable name."""
    return InputRefused(
        "matter.document.malformed",
        zh=f"文件应有名称且为 1 字节至 {size_max // 1024 // 1024} MB；请重新选择。",
        en=f"A document has a name and 1 byte to {size_max // 1024 // 1024} MB; choose it again.",
    )
