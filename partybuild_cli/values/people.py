"""Several people in one cell (人员): parting the names, by who is `known` to the roster, and the reason behind each."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from partybuild_cli.errors import ValueProblem
from partybuild_cli.values.kind import Person as Person
from partybuild_cli.values.text import is_blank, normalise, quoted, tidy_name

_BETWEEN_NAMES = r"[、，,;；/\s]+"
_BRACKETS = str.maketrans("[]【】〔〕「」", "()()()()")
_SEPARATORS = frozenset("、,;/\n")
_LABEL = (
    r"\s*(请假|缺席|缺勤|未到|出席|到会|参会|参加|列席|补学|与会|应到|实到)(?:人员|党员|同志|人数)?"
    r"(?:及原因)?\s*(?:共?\s*(\d+)\s*[人名])?\s*:\s*"
)
_BRACKETED_TOTAL = r"\((共?\s*\d+\s*[人名])\)\s*:"
_TOTAL = r"[\s、,;]*(?:\(?(?:共计?|合计)\s*(\d+)\s*[人名]\)?|(等)\s*(?:共?\s*(\d+)\s*[人名])?)[\s.。]*$"
_REASON = r"(?s)([^:]*?)\s*(?::|(?<=[^\x00-\x7f])\s*[-—–]+)\s*(.+)"


#: Nobody is meant (无人缺席, 全勤); a dash or 无 says so too.
_NOBODY = r"0|无人?(?:员|缺席|请假|缺勤|未到|列席)?(?:人员)?|没有|全勤|均(?:已|能)?(?:到会|参加|出席)|无请假和缺席|零"
#: Everybody who was due (全体党员, 除请假外全体支委); never a name.
_EVERYBODY = (
    r"(?:全部|全员|全体|均已?)?到齐|应到尽到|(?:支委|党员|委员)全体(?:到会|参加|出席)?|"
    r"(?:除.{1,12}外[,、]?(?:的)?(?:其他|其余|其它)?)?(?:本?党?支部)?(?:其他|其余)?(?:全体|全部|所有|全员)(?:在册|在岗|到会|应到|正式|支部)?"
    r"(?:党员|支委|委员|支委会成员|支部委员|党小组成员|党小组党员|人员|成员|同志|干部|职工|到会|参加|出席|参会)?"
    r"(?:干部|同志|人员|成员)?(?:均|都)?(?:到会|参加|出席|参会)?(?:\(?(?:共|计)?\d+[人名]\)?)?"
)
#: The names stand elsewhere.
_ELSEWHERE = r"(?:详?见|附|参见|名单见|详情见).{0,4}(?:附件|附表|签到|名单|后附|花名册|表|簿|册).{0,6}"
#: What may stand right behind a name as the reason: 因病请假, 值班.
_REASON_WORDS = (
    r"因.+|.*(?:请假|休假|[病事婚产丧年公探]假|陪产|哺乳|值班|夜班|夜休|手术|急诊|抢救|会诊|进修|援[外藏疆]|出差|下乡|外出|学习|培训|住院|生病|"
    r"加班|上班|在岗|门诊|轮休|补休|调休|公休|开会|义诊|支援|隔离|出国|缺席|未到|旷会|迟到|早退)"
)


class _Section(NamedTuple):
    """The people under one label, and how many it says there are."""

    label: str
    said: int | None
    people: list[Person]


def split_people(text: str, known: Callable[[str], bool]) -> list[Person]:
    """The people that the text names, in its order; a list that says it leaves names out is a problem."""
    plain = normalise(text).translate(_BRACKETS)
    if is_blank(plain) or re.fullmatch(_NOBODY, plain.rstrip(".。")):
        return []
    if re.fullmatch(_ELSEWHERE, plain):
        raise ValueProblem(f"{quoted(text)}没有写出姓名，请把姓名填进来")
    total = None
    if found := re.search(_TOTAL, plain):  # 共3人 or 等3人
        if (number := found[1] or found[3]) is None:
            raise ValueProblem(f"{quoted(plain)}用“等”省略了姓名，请把所有人的姓名写全")
        plain, total = plain[: found.start()], int(number)
    sections = _sections(plain, known)
    people: list[Person] = []
    for label, said, members in sections:
        _check_total(said, members, text)
        # Under two labels (请假: …; 缺席: …) the label is all that tells the people apart, so it is kept.
        kept = label if len(sections) > 1 else ""
        people += [Person(one.name, one.reason or kept or None) for one in members]
    _check_total(total, people, text)
    return people


def names_everybody(text: str) -> bool:
    """Whether a list says everybody who was due instead of names."""
    plain = "".join(normalise(text).split()).rstrip(".。")
    return len(plain) < 40 and bool(re.fullmatch(_EVERYBODY, plain))


def format_people(people: Iterable[Person]) -> str:
    """张三（值班）、李四"""
    return "、".join(f"{one.name}（{one.reason}）" if one.reason else one.name for one in people)


def name_words(text: str) -> list[str]:
    """The words of a text that names people among others: 神经内科、张三 is two words."""
    return [word for word in re.split(_BETWEEN_NAMES, text) if word]


#: A 工号, or the number of the member's record, behind a name.
_MARK = r"[(（]\s*(?:编号)?[0-9A-Za-z]+\s*[)）]"


def put_name(text: str, word: str, shown: str) -> str:
    """The text with `shown` where the word stands by itself (张三 is no part of 张三丰) and no number behind it."""
    ends = rf"(?=[、，,；;/\s(（]|$)(?!{_MARK})"
    return re.sub(rf"(?<![^、，,；;/\s]){re.escape(word)}{ends}", lambda _: shown, text)


def without_marks(text: str) -> str:
    """The text without the numbers that tell namesakes apart."""
    return re.sub(_MARK, "", text)


def _sections(plain: str, known: Callable[[str], bool]) -> list[_Section]:
    """The people under each label like 请假2人:, those before the first label under an empty one."""
    sections = [_Section("", None, [])]
    for piece in _pieces(re.sub(_BRACKETED_TOTAL, r"\1:", plain)):
        if found := re.match(_LABEL, piece):
            sections.append(_Section(found[1], int(found[2]) if found[2] else None, []))
        sections[-1].people.extend(_persons(piece[found.end() :] if found else piece, known))
    return [section for section in sections if section.people or section.said]


def _check_total(said: int | None, people: list[Person], text: str) -> None:
    if said is not None and said != len(people):
        raise ValueProblem(f"{quoted(text)}写的是{said}人，却列出了{len(people)}个姓名，请核对")


def _pieces(plain: str) -> Iterator[str]:
    """The parts between separators; what stands in brackets is never parted."""
    depth, start = 0, 0
    for place, letter in enumerate(plain):
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            break
        if depth == 0 and (letter in _SEPARATORS or letter == ")"):
            yield plain[start : place + (letter == ")")]
            start = place + 1
    if depth:
        raise ValueProblem(f"{quoted(plain)}的括号不成对，请补全括号")
    yield plain[start:]


def _persons(piece: str, known: Callable[[str], bool]) -> list[Person]:
    """The people of one piece; the reason belongs to the last of them."""
    piece = piece.strip(" \t。.")
    if not piece:
        return []
    names, reason = _apart(piece, known)
    if piece.endswith(")"):
        names, _, inside = piece[:-1].partition("(")
        reason = inside.strip()
    elif found := re.fullmatch(_REASON, piece):
        names, reason = found.groups()
    people = _names(names.rstrip(": ").split(), known)
    if not people:
        raise ValueProblem(f"{quoted(piece)}只有说明，没有姓名，请补上姓名")
    return [*map(Person, people[:-1]), Person(people[-1], reason or None)]


def _apart(piece: str, known: Callable[[str], bool]) -> tuple[str, str]:
    """The names and the reason of 李秋月因病请假 and 李秋月 值班; no reason where nothing but names is said."""
    words = piece.split()
    if (
        len(words) > 1
        and known(tidy_name(words[0]))
        and not known(words[-1])
        and re.fullmatch(_REASON_WORDS, words[-1])
    ):
        return " ".join(words[:-1]), words[-1]
    if len(words) == 1 and not known(tidy_name(piece)):
        for size in range(len(piece) - 1, 1, -1):
            if known(piece[:size]) and re.fullmatch(_REASON_WORDS, piece[size:]):
                return piece[:size], piece[size:]
    return piece, ""


def _names(words: list[str], known: Callable[[str], bool]) -> list[str]:
    """The names that words parted by blanks make up: the roster decides, else a lone character joins on."""
    names: list[str] = []
    while words:
        size = next((size for size in range(min(len(words), 4), 1, -1) if known(tidy_name(" ".join(words[:size])))), 0)
        if size and all(len(word) > 1 and known(word) for word in words[:size]):
            raise ValueProblem(f"{quoted(' '.join(words))}可能是一个人，也可能是几个人，请用顿号隔开")
        lone = len(words[0]) == 1 and not known(words[0])
        size = size or (2 if lone and len(words) > 1 else 1)
        if size == 1 and lone and names:
            names[-1] += words[0]
        else:
            names.append(tidy_name(" ".join(words[:size])))
        words = words[size:]
    return names
