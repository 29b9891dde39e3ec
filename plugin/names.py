"""Masking a holder's name before anything is stored: the surname stays, the rest does not."""

from __future__ import annotations

import unicodedata

from ..moderation.plain_text import clean

#: Chinese surnames of two characters that are in use today, in both scripts.
COMPOUND_SURNAMES = frozenset(
    [
        "欧阳",
        "太史",
        "端木",
        "上官",
        "司马",
        "东方",
        "独孤",
        "南宫",
        "万俟",
        "闻人",
        "夏侯",
        "诸葛",
        "尉迟",
        "公羊",
        "赫连",
        "澹台",
        "皇甫",
        "宗政",
        "濮阳",
        "公冶",
        "太叔",
        "申屠",
        "公孙",
        "慕容",
        "仲孙",
        "钟离",
        "长孙",
        "宇文",
        "司徒",
        "鲜于",
        "司空",
        "闾丘",
        "子车",
        "亓官",
        "司寇",
        "巫马",
        "公西",
        "颛孙",
        "壤驷",
        "公良",
        "漆雕",
        "乐正",
        "宰父",
        "谷梁",
        "拓跋",
        "夹谷",
        "轩辕",
        "令狐",
        "段干",
        "百里",
        "呼延",
        "东郭",
        "南门",
        "羊舌",
        "微生",
        "梁丘",
        "左丘",
        "东门",
        "西门",
        "第五",
        "歐陽",
        "司馬",
        "東方",
        "諸葛",
        "尉遲",
        "赫連",
        "濮陽",
        "公冶",
        "鐘離",
        "長孫",
        "鮮于",
        "軒轅",
        "令狐",
        "東郭",
        "南門",
        "慕容",
        "聞人",
        "万俟",
    ]
)
ANONYMOUS = "匿名用户"
#: Shown where the name went with the text, or was never stored.
POLICYHOLDER = "保单持有人"
MAX_NAME = 64
MASK = "**"


def mask_name(name: str | None) -> str:
    """The name as it may be shown: 欧阳娜娜 → 欧阳**, John Smith → J**, none → 匿名用户.

    The mask has always two stars, so that the length of the rest is not told. Raises
    :class:`~insurance_reviews.moderation.plain_text.TextFault` for a name no text may hold.
    """
    cleaned = clean(name or "", longest=MAX_NAME, lines=False)
    letters = [character for character in cleaned if unicodedata.category(character)[0] == "L"]
    if not letters:
        return ANONYMOUS
    if not _is_han(letters[0]):
        return letters[0].upper()[0] + MASK
    pair = "".join(letters[:2])
    return (pair if pair in COMPOUND_SURNAMES and len(letters) > 2 else letters[0]) + MASK


def _is_han(character: str) -> bool:
    return unicodedata.name(character, "").startswith("CJK ")
