"""Text (文字), names (姓名), choices of a word (选项), yes or no (是否); and the normal forms of text that every other kind reads.

Prose is kept as typed in NFC; all else is read after NFKC, which also repairs look-alike Kangxi radicals (⽉ for 月).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any
from unicodedata import combining, east_asian_width, is_normalized, normalize

from partybuild_cli.errors import ValueProblem
from partybuild_cli.values.kind import WHOLE, DateCell, KindOf, Matter, NumberCell, Primitive, Raw, TextKind

#: What a clerk writes where there is nothing to say (填“无”或“—”，不留空白), after `tight`.
BLANK = frozenset({"", "无", "—", "——", "–", "-", "--", "/", "N/A", "n/a"})
#: A spreadsheet keeps fifteen digits of a number; from here on the last ones may be lost.
EXACT = 10**15
LOST_DIGITS = "数字超过15位，末尾几位已被表格软件改动，请把单元格设为文本后重新填写"
_CJK = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?)?")
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
#: What passes for printable and is shown as nothing: fillers and selectors of a variant. Prose keeps them, names do not.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_UNDECODABLE = re.compile("[\ud800-\udfff]")
_E_NOTATION = re.compile(r"[+-]?\d+(?:\.\d+)?[eE][+-]?\d+")
_INNER_BLANK = re.compile(r"(?<!\d)\s+|\s+(?!\d)")
_NAME_BLANK = rf"(?<=[{_CJK}·])\s+|\s+(?=[{_CJK}·])"
_NAME_DOT = rf"(?<=[{_CJK}])[•・‧∙⋅.](?=[{_CJK}])"
_LONG_NUMBER = r"\d{12,}[\dXx]?"
#: Letters, digits and Chinese characters, of which every normal form is the text itself.
_NORMAL = re.compile("[0-9A-Za-z\u4e00-\u9fff]*")


def clean(text: str) -> str:
    """The text without terminal escapes and invisible characters; line ends become plain newlines."""
    if text.isprintable():
        return text
    if _UNDECODABLE.search(text):
        raise ValueProblem("文字中有无法识别的字符，请检查文件的编码后重新填写")
    return _INVISIBLE.sub("", _LINE_END.sub("\n", _ESCAPE.sub("", text)))


def normalise(text: str) -> str:
    """NFKC with the ends trimmed, without what nobody sees."""
    return text if _NORMAL.fullmatch(text) else normalize("NFKC", _UNSEEN.sub("", clean(text))).strip()


def tight(text: str) -> str:
    """NFKC without any white space: the form in which headings and choices are compared."""
    if _NORMAL.fullmatch(text):
        return text
    plain = normalize("NFKC", _UNSEEN.sub("", clean(text)))
    joined = "".join(plain.split())
    return joined if joined == plain else normalize("NFKC", joined)


def unspaced(text: str) -> str:
    """NFKC without blanks, except between two digits: nobody knows whether `1 2` is 12."""
    return _INNER_BLANK.sub("", normalise(text))


def is_blank(raw: Raw) -> bool:
    """Whether the cell says nothing: empty, or one of the blank words."""
    if raw is None:
        return True
    if not isinstance(raw, str) or raw in BLANK:
        return isinstance(raw, str)
    if raw[0].isalnum() and raw[0] not in "无⽆NnＮｎ":
        return False  # no blank word begins so
    return (len(raw) < 16 or raw.isspace()) and tight(raw) in BLANK


def quoted(text: str) -> str:
    """The text as a message quotes it: short, on one line, and without a whole ID number (个人信息保护)."""
    line = " ".join(re.sub(_LONG_NUMBER, lambda found: f"{found[0][:3]}***{found[0][-2:]}", text).split())
    return f"“{line[:20]}…”" if len(line) > 21 else f"“{line}”"


def as_text(raw: Raw) -> str | None:
    """What a person reads in the cell, cleaned and trimmed but not yet normalised; None for a blank."""
    if raw is None or isinstance(raw, str):
        text = clean(raw or "").strip()
        return None if is_blank(text) else text
    if isinstance(raw, bool):
        return str(raw).upper()
    if isinstance(raw, int | float):
        return _digits(raw)
    if isinstance(raw, DateCell):
        return raw.day.date().isoformat()[: {"day": 10, "month": 7, "year": 4}[raw.shown]]
    if isinstance(raw, NumberCell):
        _digits(raw.value)
        return as_text(raw.shown)
    raise ValueProblem(f"单元格里的公式出错（{raw.code}），请改正公式或直接填写内容")


def _digits(number: int | float) -> str:
    """The digits of a number cell, as a spreadsheet shows them (fifteen significant digits)."""
    if abs(number) < EXACT:  # which nan, too, is not
        shown = str(int(number)) if number == int(number) else f"{number:.15g}"
        if "e" not in shown:
            return shown
    raise ValueProblem(LOST_DIGITS)


class Text(TextKind):
    """Prose and short text (文字), kept as typed."""

    matter: Matter = "text"
    label = "文字"
    free_text = any_will_do = True

    def parse(self, raw: Raw) -> str | None:
        text = as_text(raw)
        if text is None:
            return None
        if not is_normalized("NFC", text):
            text = normalize("NFC", text)
        if text[0] == "=":
            raise ValueProblem(f"{quoted(text)}以等号开头，像是公式；请填写公式的结果，或去掉等号")
        if _E_NOTATION.fullmatch(text):
            raise ValueProblem(
                f"{quoted(text)}是表格软件改成的科学计数，原来的数字已无法知道，请把这一列设为文本格式，照原件重新填写"
            )
        return text


class Prose(Text):
    """Sentences (内容、决议、措施)."""

    prose = True


class Name(TextKind):
    """One person's name (姓名): 张 三 is 张三, 阿·买买提 keeps its dot."""

    matter = "name"
    label = "姓名"
    any_will_do = True

    def parse(self, raw: Raw) -> str | None:
        text = as_text(raw)
        if text is None:
            return None
        if not isinstance(raw, str) or not any(map(str.isalpha, text)):
            raise ValueProblem(f"{quoted(text)}不是姓名，请填写一个人的姓名")
        name = tidy_name(text)
        if not name.isalpha() and any(mark in name for mark in "、,;/"):
            raise ValueProblem(f"{quoted(name)}像是几个人的姓名；这里只能填一个人，请分行填写")
        return name


def tidy_name(text: str) -> str:
    """The name in NFKC, with no blanks between Chinese characters and one kind of dot between its parts."""
    plain = normalise(text)
    if plain.isalpha():
        return plain
    joined = re.sub(_NAME_DOT, "·", re.sub(_NAME_BLANK, "", plain))
    return normalize("NFKC", " ".join(joined.split()))


def near_name(said: str, name: str) -> bool:
    """Whether a name of three signs or more is what was said, but for one sign that is another, lacks or is too many."""
    longer, shorter = sorted((said, name), key=len, reverse=True)
    if said == name or len(longer) < 3 or len(longer) - len(shorter) > 1:
        return False
    if len(longer) == len(shorter):
        return sum(text != other for text, other in zip(longer, shorter, strict=True)) == 1
    return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))


@cache
def _sign_width(sign: str) -> int:
    return 0 if combining(sign) else 2 if east_asian_width(sign) in "WFA" else 1


def display_width(text: str) -> int:
    """Columns that one line of text takes."""
    return len(text) if text.isascii() else sum(map(_sign_width, text))


def padded(text: str, width: int) -> str:
    """Text with blanks behind it up to a width."""
    return text + " " * (width - display_width(text))


class Choice(TextKind):
    """One word of a list, or a listed synonym of it; an unknown word is a problem, never a default."""

    matter = "choice"
    label = "选项"
    style = "center"

    def __init__(self, words: Iterable[str], synonyms: Mapping[str, str] | None = None) -> None:
        """`synonyms` holds what else is written (several words parted by blanks) -> the word that it means; or the words
        themselves are a table, each with what else is written for it.
        """
        self.words = tuple(map(str, words))
        if isinstance(words, Mapping):
            synonyms = dict(zip(words.values(), self.words, strict=True))
        self.meanings = {word: word for word in self.words}
        self.meanings |= {tight(word): word for word in self.words}
        self.meanings |= {tight(text): word for said, word in (synonyms or {}).items() for text in said.split()}
        self.example, self.how = self.words[0], "从下拉列表中选：" + "、".join(self.words)

    def parse(self, raw: Raw) -> str | None:
        text = tight(raw) if isinstance(raw, str) else as_text(raw)
        if text is not None and text in self.meanings:
            return self.meanings[text]
        if text is None or as_text(text) is None:
            return None
        allowed = "、".join(self.words[:12]) + ("等" if len(self.words) > 12 else "")
        raise ValueProblem(f"{quoted(text)}不在可选的词里，请填写：{allowed}")


_YES = frozenset({"是", "√", "✓", "✔", "☑", "Y", "YES", "有", "1", "TRUE", "对"})
_NO = frozenset({"否", "×", "✗", "✘", "X", "N", "NO", "无", "0", "FALSE", "没有"})


class YesNo(KindOf[bool]):
    """Yes or no (是否). Here 无 says no, while — is a blank."""

    matter = "yes or no"
    label = "是否"
    example = "是"
    how = "是 或 否"
    style = "center"
    sql = WHOLE

    def parse(self, raw: Raw) -> bool | None:
        if isinstance(raw, bool) or raw is None:
            return raw
        text = raw if isinstance(raw, str) else as_text(raw) or ""
        word = tight(text).upper()
        if word in _YES or word in _NO:
            return word in _YES
        if as_text(word) is None:
            return None
        raise ValueProblem(f"{quoted(text)}看不出是或否，请填写“是”或“否”")

    def encode(self, value: bool | None) -> tuple[Primitive, ...]:
        return (None if value is None else int(value),)

    def decode(self, primitives: Sequence[Primitive]) -> bool | None:
        return None if primitives[0] is None else bool(primitives[0])

    def text(self, value: bool) -> str:
        return "是" if value else "否"

    def json(self, value: bool) -> bool:
        return value


@cache
def shipped(path: str, number: Callable[[str], Any] = float) -> dict[str, Any]:
    """A table of data that ships with the program, by its path in the package; nobody changes it."""
    import tomllib
    from importlib.resources import files

    return tomllib.loads(files("partybuild_cli").joinpath(path).read_text(encoding="utf8"), parse_float=number)
