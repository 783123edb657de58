"""Choices (选项) from a list of Chinese words, and yes or no (是否)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from partybuild_cli.errors import ValueProblem
from partybuild_cli.values.kind import KindOf, Primitive, Raw, Style, TextKind
from partybuild_cli.values.text import as_text, quoted, tight

_LISTED = 12


class Choice(TextKind):
    """One word of a list, or a listed synonym of it; an unknown word is a problem, never a default."""

    label: ClassVar[str] = "选项"
    style: ClassVar[Style] = "center"

    def __init__(self, words: Iterable[str], synonyms: Mapping[str, str] | None = None) -> None:
        """`synonyms` holds what else is written (several words parted by blanks) -> the word that it means."""
        self.words = tuple(map(str, words))
        self.meanings = {word: word for word in self.words}
        self.meanings |= {tight(word): word for word in self.words}
        self.meanings |= {tight(one): word for said, word in (synonyms or {}).items() for one in said.split()}

    @property
    def example(self) -> str:
        return self.words[0]

    @property
    def how(self) -> str:
        return "从下拉列表中选：" + "、".join(self.words)

    def parse(self, raw: Raw) -> str | None:
        text = tight(raw) if isinstance(raw, str) else as_text(raw)
        if text in self.meanings:
            return self.meanings[text]
        if text is None or as_text(text) is None:
            return None
        allowed = "、".join(self.words[:_LISTED]) + ("等" if len(self.words) > _LISTED else "")
        raise ValueProblem(f"{quoted(text)}不在可选的词里，请填写：{allowed}")


_YES = frozenset({"是", "√", "✓", "✔", "☑", "Y", "YES", "有", "1", "TRUE", "对"})
_NO = frozenset({"否", "×", "✗", "✘", "X", "N", "NO", "无", "0", "FALSE", "没有"})


@dataclass(frozen=True)
class YesNo(KindOf[bool]):
    """Yes or no (是否). Here 无 says no, while — is a blank."""

    label: ClassVar[str] = "是否"
    example: ClassVar[str] = "是"
    style: ClassVar[Style] = "center"
    how: ClassVar[str] = "是 或 否"

    def parts(self, key: str) -> Mapping[str, str]:
        return {key: "INTEGER"}

    def parse(self, raw: Raw) -> bool | None:
        if isinstance(raw, bool) or raw is None:
            return raw
        text = raw if isinstance(raw, str) else as_text(raw) or ""
        word = tight(text).upper()
        if word in _YES:
            return True
        if word in _NO:
            return False
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
