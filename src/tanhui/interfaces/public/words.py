"""Words the pages use for statuses, evidence and results; msgids are Chinese, see locale/en."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class Word:
    """A word and the sentence that explains it."""

    name: Text
    meaning: Text


# In the order a receipt shows them: what counted first, what was set aside last.
STATUSES: dict[str, Word] = {
    "credited": Word(_("已计入"), _("减排量全部计入账户。")),
    "partly_capped": Word(_("部分计入"), _("上限内的部分计入账户。")),
    "capped": Word(_("已达上限"), _("上限已用完，本条未计入。")),
    "paired": Word(_("已配对"), _("与另一条记录合成一次行程，减排量记在那一条。")),
    "waiting": Word(_("等待配对"), _("行程的另一半尚未收到，收到后自动配对。")),
    "duplicate": Word(_("重复"), _("同一条记录此前已收到。")),
    "overlapping": Word(_("与他处重合"), _("同一次行为或同一减排已由另一条记录计入。")),
    "not_applicable": Word(_("不适用"), _("不满足方法学的适用条件。")),
    "no_parameter": Word(_("暂无系数"), _("该地区或日期还没有可用的系数。")),
    "no_consent": Word(_("未授权"), _("本人未授权该平台上报。")),
    "corrected": Word(_("已更正"), _("已由另一条记录更正，原先计入的已撤回。")),
    "rejected": Word(_("已隔离"), _("数据有误，原文保留，未入账。")),
}

EVIDENCE: dict[str, Word] = {
    "official": Word(_("官方"), _("见到主管部门发布的原文。")),
    "published": Word(_("已公布"), _("来自公开发表的资料，未见主管部门原文。")),
    "published_summary": Word(_("已公布"), _("来自公开发表的摘要，未见主管部门原文。")),
    "seed": Word(_("白皮书"), _("来自白皮书的数值，等待官方原文确认。")),
    "derived": Word(_("推算"), _("由公开数据推算得到。")),
    "inferred": Word(_("推算"), _("按同类方法学推断，不是发布机关的公式。")),
    "borrowed": Word(_("借用他地"), _("本地没有公布，借用其他地区的数值。")),
    "template": Word(_("示范模板"), _("本库自拟，仅用于演示；公式为模板的，不得据此签发。")),
    "name_only": Word(_("仅知名称"), _("只见到名称，公式是同类模板，不能据此计入。")),
    "unconfirmed": Word(_("未核实"), _("仅由第三方转述，核实前不用于计算。")),
    "recalled": Word(_("凭记忆"), _("凭记忆写出、未见文件，核实前不用于签发。")),
    "unknown": Word(_("未知"), _("来源不明。")),
    "disabled": Word(_("已停用"), _("仅供查看，不用于计算。")),
}

# Acts as the public log names them; one that is not here is shown by its dotted name.
ACTS: dict[str, Text] = {
    "books.batch.posted": _("批次入账"),
    "books.log.key_rotated": _("日志更换密钥"),
    "books.log.resumed": _("恢复备份后继续公布"),
    "books.log.twinned": _("国密副本更新"),
    "registry.rule_change.approve": _("规则变更"),
    "registry.units.issued": _("签发"),
    "registry.units.retired": _("注销"),
    "partners.partner.registered": _("合作平台登记"),
    "partners.partner.key_added": _("合作平台公钥启用"),
    "partners.partner.key_revoked": _("合作平台公钥停用"),
    "library.methodology.applied": _("方法学首次使用"),
    "library.ruleset.applied": _("规则集首次使用"),
}

# States of units, in the order the register counts them.
UNIT_STATES: dict[str, Text] = {
    "held": _("持有"),
    "locked": _("锁定"),
    "pledged": _("质押"),
    "listed": _("挂牌"),
    "retired": _("已注销使用"),
    "cancelled": _("已取消"),
}

# What kind of body holds units.
ORGANISATION_KINDS: dict[str, Text] = {
    "enterprise": _("企业"),
    "village": _("村集体"),
    "government": _("政府机构"),
    "platform": _("平台"),
    "fund": _("公益基金"),
    "verifier": _("核证机构"),
    "exchange": _("交易机构"),
    "bank": _("银行"),
    "court": _("司法机关"),
    "charity": _("慈善组织"),
}

# What may be done with a methodology today.
STANDINGS: dict[str, Word] = {
    "creditable": Word(_("今天可计入"), _("今天的记录或项目可以据此计入。")),
    "inclusion_only": Word(_("只计入不签发"), _("公式是模板；运营机构的规则准许计入，不得签发。")),
    "waiting": Word(_("等待数值"), _("还有数值没有依据，补齐之前不能据此计入。")),
    "calculation": Word(_("只供计算"), _("是工具或对照，本身不产生减排量。")),
    "not_in_force": Word(_("不在施行期"), _("今天不在有效期内，或已修订、撤销。")),
    "disabled": Word(_("已停用"), _("仅供查看，不用于计算。")),
}

KINDS: dict[str, Text] = {"behaviour": _("个人行为"), "project": _("项目")}

PERIODS: dict[str, Text] = {"day": _("每日"), "month": _("每月"), "year": _("每年")}

RECIPIENTS: dict[str, Text] = {
    "person": _("本人"),
    "platform": _("平台"),
    "operator": _("运营方"),
}

RESULTS: dict[str, Text] = {
    "issuable": _("可签发量"),
    "buffer": _("缓冲量"),
    "reversal": _("逆转量"),
}

OUTCOMES: dict[str, Text] = {
    "quantified": _("算得结果"),
    "not_applicable": _("不适用"),
    "not_creditable": _("不得签发"),
    "refused": _("被拒绝"),
}

SKELETON: dict[str, Text] = {
    "boundary": _("边界"),
    "baseline": _("基准线情景"),
    "leakage": _("泄漏说明"),
    "monitoring": _("监测"),
    "data_quality": _("数据质量"),
    "crediting": _("签发规定"),
}

# Names of results that methodologies share; fields and parameters bring their own.
SYMBOLS: dict[str, Text] = {
    "reduction": _("减排量"),
    "baseline": _("基准线排放"),
    "project": _("实际排放"),
    "leakage": _("泄漏"),
    "counted": _("计入的次数"),
    "displaced": _("替代的排放"),
    "earned": _("应得奖励"),
    "grid_factor": _("电网因子"),
    "net_reduction": _("单位净减排"),
    "paid": _("奖励金额"),
    "replaced": _("被替代出行的排放"),
    "reward": _("奖励"),
    "reward_at_least": _("至少应得的奖励"),
    "saved": _("比往期少行驶"),
    "saving_rate": _("节约率"),
    "sheets": _("节约的纸张"),
    "unit_reduction": _("单位减排量"),
}


def status_word(status: str) -> Word:
    """The word of a row status; a status this version does not know keeps its code."""
    return STATUSES.get(status) or Word(status, "")


def standing_word(standing: str) -> Word:
    """The word of what may be done with a methodology today."""
    return STANDINGS.get(standing) or Word(standing, "")


def evidence_word(evidence: str | None) -> Word:
    """The word of an evidence status; none or new is shown as unknown, never as known."""
    return EVIDENCE.get(evidence or "unknown", EVIDENCE["unknown"])
