"""Reading the 表决 cell of a meeting: 应到30 实到28 赞成27 反对0 弃权1 becomes numbers, or a problem."""

import re
from dataclasses import asdict, dataclass
from typing import Any

from partybuild_cli.errors import ValueProblem
from partybuild_cli.values.text import unspaced

#: Field by the words that name it; the longer words come first, since 不同意 ends in 同意.
_WORDS = {
    "due": ("应到会有表决权党员", "应到会有表决权", "应到有表决权", "应到会", "应到"),
    "present": ("实到会有表决权党员", "实到会有表决权", "实到有表决权", "实到会", "实到", "到会"),
    "given": ("发出选票", "发出表决票", "发出票", "发出"),
    "returned": ("收回选票", "收回表决票", "收回票", "收回"),
    "against": ("不同意", "不赞成", "反对"),
    "yes": ("赞成", "同意"),
    "abstained": ("弃权",),
    "spoilt": ("废票", "无效票"),
    "written": ("会前书面意见", "书面意见"),
}
_FIELD = {word: name for name, words in _WORDS.items() for word in words}
_LABELS = {name: words[-1] for name, words in _WORDS.items()}
_NAMED = re.compile(
    rf"({'|'.join(sorted(_FIELD, key=len, reverse=True))})(?:票数|人数|票|数|党员|人)?"
    r"\s*[:为]?\s*(\d+)\s*[张票人名份]?"
)
_FILLER = re.compile(r"[\s,、;。.:()]|其中|会议|党员|表决|未通过|通过|结果")


@dataclass(frozen=True, slots=True)
class Votes:
    """The figures of a vote, None where the text gives none; `yes` holds written assents too."""

    due: int | None = None
    present: int | None = None
    given: int | None = None
    returned: int | None = None
    yes: int | None = None
    against: int | None = None
    abstained: int | None = None
    spoilt: int | None = None
    written: int | None = None


def parse_votes(text: str) -> Votes:
    """The figures of a vote, each named; anything else is a problem, and so are figures at odds."""
    plain = unspaced(text)
    found: dict[str, Any] = {}
    for word, number in _NAMED.findall(plain):
        name = _FIELD[word]
        if found.setdefault(name, int(number)) != int(number):
            raise ValueProblem(f"表决中“{_LABELS[name]}”写了两个不同的数；一格只写一项表决。")
    rest = _FILLER.sub("", _NAMED.sub("", plain))
    if rest or not found:
        raise ValueProblem(f"看不懂表决“{text}”；请写成：应到30 实到28 赞成27 反对0 弃权1。")
    votes = Votes(**found)
    _agree(votes)
    return votes


def _agree(votes: Votes) -> None:
    """No figure may exceed what holds it; written opinions come on top of those present."""
    if votes.due is not None:
        for name, number in asdict(votes).items():
            if number is not None and number > votes.due:
                raise ValueProblem(f"表决中{_LABELS[name]}{number}多于应到{votes.due}；请核对。")
    cast = sum(n or 0 for n in (votes.yes, votes.against, votes.abstained, votes.spoilt))
    if votes.present is not None and cast > votes.present + (votes.written or 0):
        raise ValueProblem(f"表决中各项票数合计{cast}，多于实到{votes.present}；请核对。")
    if votes.given is not None and votes.returned is not None and votes.returned > votes.given:
        raise ValueProblem(f"表决中收回{votes.returned}票，多于发出{votes.given}票；请核对。")
