"""What a row below the header is (行的类别): a record, or a total, signature, note, group, example or serial number only.

The words are looked for in the first filled cell. A row that fills its required columns is a record whatever its first word,
so that a member called 合… or a task that begins with 总 is not lost; only a cell that is nothing but a total's word is a total.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from partybuild_cli.sheets.importing.headings import label, lexicon
from partybuild_cli.values.kind import Raw
from partybuild_cli.values.text import is_blank

_LOOKS = lexicon().rows
RECORD, TOTAL, SUBTOTAL, SIGNATURE, NOTE, GROUP, EXAMPLE = (
    "",
    "合计行",
    "小计行",
    "签名行",
    "说明行",
    "分组行",
    "示例行",
)
HEADER, TITLE, TAIL, HINT = "重复的表头", "重复的标题", "表尾的其他内容", "填写说明行"
SERIAL, ZEROS, UNANSWERED = "只有序号，没有内容", "只有 0，没有内容", "没有填写"


@dataclass(slots=True)
class RowKinds:
    """Tells records from other rows of one table.

    Attributes:
        required, passive: places of columns that a record must fill, and of those that say nothing by themselves (serial
            numbers, what is worked out).
        repeats, titles: rows that repeat the header; texts above it, which a second page may repeat.
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
        if text and _LOOKS["example"].fullmatch(text) and (first in self.passive or len(text) > 3):
            return EXAMPLE
        if not self.begun and says_how([raw for _, raw in filled]):
            return HINT
        if telling and not inherited and all(_is_zero(raw) for _, raw in telling):
            return ZEROS
        if any(_LOOKS["only_total"].fullmatch(word) for word in (text, label(telling[0][1]) if telling else "")):
            return SUBTOTAL if "小计" in text else TOTAL
        if len(filled) == 1 and len(text) > 12 and _LOOKS["note"].match(text):
            return NOTE
        held = dict(filled)
        lacking = [place for place in self.required if place not in inherited and is_blank(held.get(place))]
        if self.required and not lacking:
            return SIGNATURE if ":" in text and _LOOKS["signature"].match(text) else RECORD
        apart = wide or first in self.passive or bool(_LOOKS["branch"].fullmatch(text))
        kind = _kind_of(text, len(filled), apart) if text else RECORD
        if kind or not telling:
            return kind or SERIAL
        if lacking == [self.answer]:
            return UNANSWERED  # a row of a form that names somebody and got no answer (没有填写得分)
        return TAIL if self.ended else RECORD


def closes(raw: Raw) -> bool:
    """Whether a text belongs below the records of a table: a total, a signature or a note."""
    text = label(raw)
    return bool(text) and any(_LOOKS[name].match(text) for name in ("total", "signature", "note"))


def _kind_of(text: str, cells: int, apart: bool) -> str:
    """What the first text of an incomplete row makes of it; `apart`: it stands in no column of a record."""
    for name, kind in (("signature", SIGNATURE), ("note", NOTE), ("total", SUBTOTAL if "小计" in text else TOTAL)):
        if _LOOKS[name].match(text):
            return kind
    if _LOOKS["numbered"].match(text) and cells <= 2:
        return NOTE if cells == 1 and _LOOKS["several_items"].search(text) else GROUP
    if cells == 1 and apart:
        return NOTE if _LOOKS["prose"].search(text) else GROUP
    return RECORD


def says_how(cells: Sequence[Raw]) -> bool:
    """Whether most of what a row holds says how to fill in the columns, and nothing is a value."""
    filled = [label(raw) for raw in cells if raw is not None]
    hints = sum(bool(_LOOKS["hint"].fullmatch(word)) for word in filled)
    return hints > 1 and hints * 3 >= len(filled) * 2


def _is_zero(raw: Raw) -> bool:
    return raw in (0, "0", "0.0", "0.00") and not isinstance(raw, bool)


def group_name(text: str) -> str:
    """政治建设方面 from 一、政治建设方面（3项）."""
    return _LOOKS["counted"].sub("", _LOOKS["numbered"].sub("", label(text))).strip()
