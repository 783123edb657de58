"""What a row below the header is (行的类别): a record, or a total, signature, note, group, example or serial number only.

The words are looked for in the first filled cell. A row that fills its required columns is a record whatever its first word,
so that a member called 合… or a task that begins with 总 is not lost; only a cell that is nothing but a total's word is a total.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from partybuild_cli.sheets.importing.headings import label
from partybuild_cli.values.kind import Raw
from partybuild_cli.values.text import is_blank

_TOTAL_WORD = r"(?:合计|总计|小计|累计|共计|总合计|汇总|平均)"
_PERIOD = r"(?:本?[页月年季]度?|第?[一二三四1-4]季度|[上下]半年|全[年院]|\d{1,2}月份?|(?:19|20)\d\d年?|.{2,12}支部)"
_ONLY_TOTAL = re.compile(rf"{_PERIOD}*{_TOTAL_WORD}:?")
_TOTAL = re.compile(
    rf"{_PERIOD}*{_TOTAL_WORD}|.{{0,12}}(?:小计|合计|总计)(?:$|[:\d])|(?:本|全|上|下)(?:季度|月|年|半年|支部)?共?.*\d+[次人场名项件元]|共[有计]?\d+"
)
_SIGNATURE = re.compile(
    r"(?:填表|填报|填写|制表|统计|审核|复核|审批|经办|负责|单位负责|部门负责)(?:人|单位|时间|日期)|(?:党?支部|党委|党总支)?"
    r"(?:副?书记|组织委员|纪检委员|党务干事|负责人|委员会|意见)(?:\(?(?:签字|签名|盖章|签章)\)?)?:|审核:|制表:|填表:|.{0,10}\(?(?:签字|签名|盖章)\)?[:)]"
    r"|(?:\d{4}|x{4})?年月日"
)
_NOTE = re.compile(
    r"(?:备注|说明|填报说明|填表说明|注意?|附注?|提示|注意事项|填写说明)\d?[:.、](?!$)|(?:备注|说明|填报说明|填表说明|注|附):?$|[(※*].*(?:加页|另附|填写|表格|说明|此表)|※|\(?注"
)
_EXAMPLE = re.compile(
    r"[(【\[]?(?:例|示例|样例|范例|填写示例|举例)[)】\]]?(?:\d*|[:：].*)|[(【\[](?:例|示例|样例|范例)[)】\]].*"
    r"|.{1,8}[(【\[](?:例|示例|样例|范例)[)】\]]"
)
_HINT = re.compile(
    r"(?:必填|选填|必输|选输|非必填|可不填|不填|必选|可选|文本|数字|日期|数值|整数|下拉|单选|多选|字符)(?:项|格式|选择|型)?(?:[,，、;；(].*)?|"
    r"从?下拉.*|[\u4e00-\u9fff]{1,8}(?:/[\u4e00-\u9fff]{1,8})+|"
    r"(?:格式|例|例如|如|示例|填写|请填|请选|请按|参考|同系统|选项)[:：]?.{0,40}|(?:19|20)\d\d-01-01|yyyy.*",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"(?:[一二三四五六七八九十]{1,3}[、.,]|\([一二三四五六七八九十]{1,3}\)|第[一二三四五六七八九十]+部分[:、]?)"
)
#: A row of its own with nothing but a branch stands over the records of that branch.
_BRANCH = re.compile(r"[^:]{2,20}(?:支部|党总支)(?:委员会)?")
_SEVERAL_ITEMS = re.compile(r".[二2][、.]")
_COUNTED = re.compile(r"\((?:共|合计)?\d+[项条个人次件名场]?\)$|共\d+[项条个人次件名场]$")
_PROSE = re.compile(r"[。;；!?]|.{31,}")

RECORD = ""
TOTAL, SUBTOTAL, SIGNATURE, NOTE, GROUP, SERIAL, EXAMPLE, HEADER, TITLE, TAIL, UNANSWERED, HINT, ZEROS = (
    "合计行",
    "小计行",
    "签名行",
    "说明行",
    "分组行",
    "只有序号，没有内容",
    "示例行",
    "重复的表头",
    "重复的标题",
    "表尾的其他内容",
    "没有填写",
    "填写说明行",
    "只有 0，没有内容",
)


@dataclass(slots=True)
class RowKinds:
    """Tells records from other rows of one table.

    Attributes:
        required: places of the columns that a record must fill.
        passive: places of columns that say nothing by themselves: serial numbers, and what is worked out.
        repeats: rows that repeat the header.
        titles: texts above the header, which a second page may repeat.
        answer: the place of the column that a form leaves to be filled in, if any.
        ended: a signature or a note has stood below records; what follows and is no whole record is no record.
    """

    required: Sequence[int]
    passive: Collection[int]
    repeats: Collection[int]
    titles: Collection[str]
    answer: int | None = None
    begun: bool = False
    ended: bool = False

    def kind(self, number: int, filled: Sequence[tuple[int, Raw]], inherited: Collection[int], wide: bool) -> str:
        """Why the row is no record; empty where it is one.

        `filled` are its own cells that hold something, `inherited` the columns that a merged cell above fills, `wide`
        says that its first cell is merged over several columns.
        """
        if number in self.repeats:
            return HEADER
        if filled[0][1] in self.titles:
            return TITLE
        kind = self._kind(filled, inherited, wide)
        if kind in (SIGNATURE, NOTE):
            self.ended = self.begun
        elif not kind:
            self.begun, self.ended = True, False
        return kind

    def _kind(self, filled: Sequence[tuple[int, Raw]], inherited: Collection[int], wide: bool) -> str:
        first, text = filled[0][0], label(filled[0][1])
        telling = [(column, raw) for column, raw in filled if column not in self.passive]
        if text and _EXAMPLE.fullmatch(text) and (first in self.passive or len(text) > 3):
            return EXAMPLE
        if not self.begun and says_how([raw for _, raw in filled]):
            return HINT
        if telling and not inherited and all(_is_zero(raw) for _, raw in telling):
            return ZEROS
        if any(_ONLY_TOTAL.fullmatch(word) for word in (text, label(telling[0][1]) if telling else "")):
            return SUBTOTAL if "小计" in text else TOTAL
        if len(filled) == 1 and len(text) > 12 and _NOTE.match(text):
            return NOTE
        if self._complete(filled, inherited):
            return SIGNATURE if ":" in text and _SIGNATURE.match(text) else RECORD
        apart = wide or first in self.passive or bool(_BRANCH.fullmatch(text))
        kind = _kind_of(text, len(filled), apart) if text else RECORD
        if kind or not telling:
            return kind or SERIAL
        if self._unanswered(filled, inherited):
            return UNANSWERED
        return TAIL if self.ended else RECORD

    def _unanswered(self, filled: Sequence[tuple[int, Raw]], inherited: Collection[int]) -> bool:
        """A row of a form that names somebody and got no answer (没有填写得分)."""
        if self.answer is None or self.answer in inherited or not is_blank(dict(filled).get(self.answer)):
            return False
        others = [place for place in self.required if place != self.answer]
        return all(place in inherited or not is_blank(dict(filled).get(place)) for place in others)

    def _complete(self, filled: Sequence[tuple[int, Raw]], inherited: Collection[int]) -> bool:
        held = dict(filled)
        return bool(self.required) and all(
            column in inherited or not is_blank(held.get(column)) for column in self.required
        )


def closes(raw: Raw) -> bool:
    """Whether a text belongs below the records of a table: a total, a signature or a note."""
    text = label(raw)
    return bool(text) and any(pattern.match(text) for pattern in (_ONLY_TOTAL, _TOTAL, _SIGNATURE, _NOTE))


def _kind_of(text: str, cells: int, apart: bool) -> str:
    """What the first text of an incomplete row makes of it; `apart`: it stands in no column of a record."""
    for pattern, kind in ((_SIGNATURE, SIGNATURE), (_NOTE, NOTE), (_TOTAL, TOTAL)):
        if pattern.match(text):
            return SUBTOTAL if kind == TOTAL and "小计" in text else kind
    if _NUMBERED.match(text) and cells <= 2:
        return NOTE if cells == 1 and _SEVERAL_ITEMS.search(text) else GROUP
    if cells == 1 and apart:
        return NOTE if _PROSE.search(text) else GROUP
    return RECORD


def says_how(cells: Sequence[Raw]) -> bool:
    """Whether most of what a row holds says how to fill in the columns, and nothing is a value."""
    filled = [label(raw) for raw in cells if raw is not None]
    hints = sum(bool(_HINT.fullmatch(word)) for word in filled)
    return hints > 1 and hints * 3 >= len(filled) * 2


def _is_zero(raw: Raw) -> bool:
    return raw in (0, "0", "0.0", "0.00") and not isinstance(raw, bool)


def group_name(text: str) -> str:
    """政治建设方面 from 一、政治建设方面（3项）."""
    return _COUNTED.sub("", _NUMBERED.sub("", label(text))).strip()
