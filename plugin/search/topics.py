"""What people talk about: a fixed list, and the words by which a text speaks of each.

A topic is found, not guessed: a review speaks of it when one of its author's texts has one of its
words. Whether well or ill is told by stars alone: by those that the review gave to the matter
itself where it rated it, else by its own. Labels are in :mod:`insurance_reviews.widgets.words`.

Whoever changes what a text speaks of raises :data:`VERSION`, which asks for
``flask reviews search rebuild``. Whoever changes :data:`JUDGED_BY` lets a migration count anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

VERSION = "1"

_ALL = ("underwriting", "renewal", "claim")


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic belongs to the stages at which people have the experience of it.

    A term of two characters must be a word of the text, for two characters meet by chance (保全
    in 投保全程); a longer one is found wherever it stands.
    """

    stages: tuple[str, ...]
    terms: tuple[str, ...]


def _topic(stages: tuple[str, ...], terms: str) -> Topic:
    return Topic(stages, tuple(terms.split()))


TOPICS: Mapping[str, Topic] = {
    "claim_speed": _topic(
        ("claim",),
        "理赔速度 理赔时效 快速理赔 闪赔 到账 打款 拖延 拖赔 工作日 很快 太慢 好慢 等了很久 "
        "等了一个 赔得快 赔得慢 赔付快 赔付慢 理赔快 理赔慢 理赔很快 理赔很慢 迟迟 一直拖 "
        "个月才 几个月 半个月 当天 秒赔 快赔 神速 效率",
    ),
    "claim_documents": _topic(
        ("claim",),
        "材料 资料 补材料 补资料 病历 发票 原件 复印件 诊断证明 出院小结 出院记录 费用清单 清单 "
        "证明 结算单 分割单 盖章 上传 补交 补充 快递材料 提交",
    ),
    "refusal": _topic(
        ("claim",),
        "拒赔 不赔 惜赔 不予赔付 不予理赔 不给赔 不肯赔 没有赔 拒绝赔付 拒绝理赔 拒赔理由 "
        "拒赔通知 拒赔通知书 既往症 既往病史 借口 赔不了",
    ),
    "payout": _topic(
        ("claim",),
        "赔付金额 赔款 赔付比例 免赔额 免赔率 比例赔付 部分赔付 少赔 全额 扣减 定损 核损 报销 "
        "报销比例 自费药 自付 差额 理赔款 理赔金 金额 赔偿金",
    ),
    "progress": _topic(
        ("claim",),
        "进度 理赔进度 通知 短信 没有消息 没消息 查不到 主动告知 结案 没人联系 不闻不问 "
        "石沉大海 受理 短信提醒 没人通知",
    ),
    "service": _topic(
        _ALL,
        "客服 人工客服 智能客服 在线客服 服务态度 态度 耐心 热情 敷衍 推诿 推脱 踢皮球 扯皮 "
        "没人接 没人回 联系不上 打不通 客户经理 专员 热线 理赔员 查勘员 电话 回复 不耐烦 礼貌 "
        "专业",
    ),
    "terms": _topic(
        _ALL,
        "条款 保险条款 格式条款 合同 保险合同 看不懂 难懂 写得清楚 说得清楚 含糊 模糊 不清楚 "
        "文字游戏 解释清楚 小字 说明书 术语 等待期 犹豫期 保险责任 保障范围",
    ),
    "exclusions": _topic(
        _ALL,
        "免责 免责条款 免责声明 责任免除 除外责任 除外 不保 不保事项 不在保障范围 不在范围 "
        "自费药 外购药 医保外 社保外 既往症 免赔额",
    ),
    "health_notice": _topic(
        ("underwriting", "claim"),
        "健康告知 如实告知 智能核保 人工核保 核保 体检 体检报告 既往症 既往病史 病史 结节 "
        "加费承保 除外承保 拒保 未如实告知 没如实告知",
    ),
    "buying": _topic(
        ("underwriting",),
        "投保流程 投保 下单 页面 小程序 网页 手机 操作 流程 步骤 实名认证 人脸识别 电子签名 "
        "电子保单 双录 支付 默认勾选 自动勾选 出单 简单 方便 卡顿 闪退 回访",
    ),
    "sales": _topic(
        _ALL,
        "代理人 业务员 销售 误导 销售误导 误导销售 忽悠 夸大 夸大宣传 虚假宣传 承诺 口头 推销 "
        "推荐 经纪人 保险经纪 捆绑销售 强制搭售 被骗 骗人 当初说 说好的 顾问 骚扰电话",
    ),
    "price": _topic(
        ("underwriting", "renewal"),
        "保费 涨价 上涨 保费上涨 涨保费 费率 价格 便宜 太贵 性价比 优惠 无赔优待 折扣 越来越贵 "
        "续保条件 保证续保 停售",
    ),
    "debit": _topic(
        ("renewal",),
        "扣费 扣款 自动扣款 自动扣费 自动续费 自动续保 免密支付 扣款失败 扣款提醒 扣费提醒 "
        "缴费提醒 续费提醒 到期提醒 提前通知 短信提醒 提醒 宽限期 失效 断保 脱保 银行卡 绑定 "
        "余额",
    ),
    "surrender": _topic(
        ("underwriting", "renewal"),
        "退保 全额退保 代理退保 退保金 退保损失 退款 退费 现金价值 现价 犹豫期 冷静期 减保 "
        "保单贷款 退不了 不给退 减额交清 取消",
    ),
}


#: Topic → the aspect that rates the same matter.
JUDGED_BY: Mapping[str, str] = {
    "claim_speed": "speed",
    "refusal": "outcome",
    "payout": "outcome",
    "progress": "guidance",
    "service": "attitude",
    "terms": "clarity",
    "buying": "ease",
    "debit": "reminder",
}


def rating_of(topic: str, score: int, aspects: Mapping[str, int]) -> int:
    """The stars that a review of ``score`` with these sub-scores gave to ``topic``."""
    return aspects.get(JUDGED_BY.get(topic, ""), score)


def topics_of(folded: str, words: Collection[str]) -> list[str]:
    """The topics of which a folded text with these words speaks."""
    known = frozenset(words)
    return [
        key
        for key, topic in TOPICS.items()
        if any(term in known or (len(term) > 2 and term in folded) for term in topic.terms)
    ]


def topics_at(stage: str, topics: Collection[str]) -> list[str]:
    """Those of ``topics`` that belong to ``stage``."""
    return [key for key in topics if stage in TOPICS[key].stages]
