"""People (人员): several of them in one cell, with a reason behind each; identity numbers (公民身份号码), phones, and masking.

Names are parted by who is `known` to the roster. An identity number is one by GB 11643-1999: check digit, birth day and sex; no
message holds a whole one. Masked (去标识化), for posting and for export, is as government notices usually do.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import mul

from partybuild_cli.errors import ValueProblem
from partybuild_cli.values.day import iso_day
from partybuild_cli.values.kind import DateCell, NumberCell, Raw, TextKind
from partybuild_cli.values.text import EXACT, Text, as_text, is_blank, normalise, quoted, tidy_name, tight


@dataclass(frozen=True)
class Person:
    """One name as written in a list of people, and the reason given for it."""

    name: str
    reason: str | None = None


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
        plain, total = plain[: found.start()], number
    # label like 请假2人:, the number that it says, the people under it; those before the first label under an empty one
    sections: list[tuple[str, str | None, list[Person]]] = [("", None, [])]
    for piece in _pieces(re.sub(_BRACKETED_TOTAL, r"\1:", plain)):
        if found := re.match(_LABEL, piece):
            sections.append((found[1], found[2], []))
        sections[-1][2].extend(_persons(piece[found.end() :] if found else piece, known))
    sections = [section for section in sections if section[2] or int(section[1] or 0)]
    everybody = [person for _, _, people in sections for person in people]
    for said, people in [*((said, people) for _, said, people in sections), (total, everybody)]:
        if said is not None and int(said) != len(people):
            raise ValueProblem(f"{quoted(text)}写的是{int(said)}人，却列出了{len(people)}个姓名，请核对")
    if len(sections) < 2:
        return everybody
    # Under two labels (请假: …; 缺席: …) the label is all that tells the people apart, so it is kept.
    return [Person(person.name, person.reason or label or None) for label, _, people in sections for person in people]


def names_everybody(text: str) -> bool:
    """Whether a list says everybody who was due instead of names."""
    plain = "".join(normalise(text).split()).rstrip(".。")
    return len(plain) < 40 and bool(re.fullmatch(_EVERYBODY, plain))


def format_people(people: Iterable[Person]) -> str:
    """张三（值班）、李四"""
    return "、".join(f"{person.name}（{person.reason}）" if person.reason else person.name for person in people)


def name_words(text: str) -> list[str]:
    """The words of a text that names people among others: 神经内科、张三 is two words."""
    return [word for word in re.split(_BETWEEN_NAMES, text) if word]


#: A 工号, or the number of the member's record (编号5), behind a name: it tells namesakes apart and is no reason.
MARK = re.compile(r"[(（]\s*((?:编号)?[0-9A-Za-z]+)\s*[)）]")


def put_name(text: str, word: str, shown: str) -> str:
    """The text with `shown` where the word stands by itself (张三 is no part of 张三丰) and no number behind it."""
    ends = rf"(?=[、，,；;/\s(（]|$)(?!{MARK.pattern})"
    return re.sub(rf"(?<![^、，,；;/\s]){re.escape(word)}{ends}", lambda _: shown, text)


def without_marks(text: str) -> str:
    """The text without the numbers that tell namesakes apart."""
    return MARK.sub("", text)


def _pieces(plain: str) -> Iterator[str]:
    """The parts between separators; what stands in brackets is never parted."""
    depth, start = 0, 0
    for at, letter in enumerate(plain):
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            break
        if depth == 0 and (letter in _SEPARATORS or letter == ")"):
            yield plain[start : at + (letter == ")")]
            start = at + 1
    if depth:
        raise ValueProblem(f"{quoted(plain)}的括号不成对，请补全括号")
    yield plain[start:]


def _persons(piece: str, known: Callable[[str], bool]) -> list[Person]:
    """The people of one piece; the reason belongs to the last of them: 张三、李秋月(值班), 李秋月: 值班, 李秋月因病请假, 李秋月 值班."""
    piece = piece.strip(" \t。.")
    if not piece:
        return []
    words = piece.split()
    cuts = (at for at in range(len(piece) - 1, 1, -1) if known(piece[:at]) and re.fullmatch(_REASON_WORDS, piece[at:]))
    names, reason = piece, ""
    if piece.endswith(")"):
        names, _, reason = piece[:-1].partition("(")
    elif found := re.fullmatch(_REASON, piece):
        names, reason = found.groups()
    elif len(words) > 1 and re.fullmatch(_REASON_WORDS, words[-1]):
        if known(tidy_name(words[0])) and not known(words[-1]):
            names, reason = " ".join(words[:-1]), words[-1]
    elif len(words) == 1 and not known(tidy_name(piece)) and (at := next(cuts, 0)):
        names, reason = piece[:at], piece[at:]
    people = _names(names.rstrip(": ").split(), known)
    if not people:
        raise ValueProblem(f"{quoted(piece)}只有说明，没有姓名，请补上姓名")
    return [*map(Person, people[:-1]), Person(people[-1], reason.strip() or None)]


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


def mask_id(number: str) -> str:
    """119900********002X: the region and the last four characters stay."""
    return f"{number[:6]}{'*' * 8}{number[-4:]}" if len(number) == 18 else "*" * len(number)


def mask_phone(number: str) -> str:
    """154****0001; of a number that is no mobile phone, only the last two digits stay."""
    if len(number) == 11:
        return f"{number[:3]}****{number[-4:]}"
    return "*" * (len(number) - 2) + number[-2:] if len(number) > 4 else "*" * len(number)


def mask_name(name: str) -> str:
    """张*, 张*明, 欧**月; of a name with a dot the first part stays: 阿·***."""
    first, dot, rest = name.partition("·")
    if dot:
        return first + dot + re.sub("[^·]", "*", rest)
    if len(name) < 3:
        return f"{name[:1]}*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def is_masked(text: str) -> bool:
    """Whether a name, ID number or phone was masked, so that it must never overwrite the true one."""
    return "*" in text or "＊" in text or "﹡" in text


#: Headings under which whatever stands is personal data (证件 电话 账号 配偶 住址), and who is not the member himself.
_PERSONAL = re.compile(
    r"证件|身份|电话|手机|联系方式|账号|帐号|账户|帐户|卡号|银行|社保|医保|公积金|护照|驾驶证|车牌|住址|地址|户籍|邮箱|微信|QQ"
    r"|配偶|爱人|丈夫|妻子|子女|父亲|母亲|家属|家庭|亲属|监护人|紧急联|phone|mobile|passport|account|bank|address|e-?mail"
    r"|wechat|spouse|emergency|id-?(?:card|no|number)",
    re.IGNORECASE,
)
#: Numbers that are personal wherever they stand, also parted by blanks or lines: ID numbers, bank cards, telephones.
_NUMBERS = re.compile(
    r"(?<![\dA-Za-z])(?:\d{17}[\dXx]|\d{15,19}|\d{6}[ -]\d{8}[ -]\d{3}[\dXx]|\d{4}(?:[ -]\d{4}){3}(?:[ -]?\d{1,3})?"
    r"|(?:\(?\+?86\)?[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}|0\d{2,3}[ -]?\d{7,8})(?![\dA-Za-z])"
)

_MASKED = re.compile(r"\d{3,6}\*{4,8}\d{3}[\dXx]|\*{8,}\d{4}|\*{5,}\d{2}")


def _mask_number(number: str) -> str:
    return "*" * (len(number) - 4) + number[-4:]


def is_personal(heading: str) -> bool:
    """Whether a heading that no ledger knows announces personal data."""
    return bool(_PERSONAL.search(heading)) and not heading.endswith(("类型", "种类"))


def mask_found(heading: str, text: str) -> str:
    """What an unknown column holds, masked: all of it under a personal heading, else the personal numbers in it."""
    if not text:
        return text
    known = {18: mask_id, 11: mask_phone}
    masked = _NUMBERS.sub(lambda found: known.get(len(found[0]), _mask_number)(found[0]), text)
    if masked != text or not is_personal(heading) or is_masked(text):
        return masked
    return text[0] + "*" * (len(text) - 1) if len(text) > 1 and not text.isdigit() else mask_phone(text)


def comes_back_masked(heading: str, text: str) -> bool:
    """Whether an unknown column holds what `mask_found` made of it, which must never overwrite the true value."""
    return is_masked(text) and (is_personal(heading) or bool(_MASKED.search(text)))


class Phone(Text):
    """A telephone number (联系电话)."""

    matter = ""
    mask = staticmethod(mask_phone)


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
_FORM = re.compile(r"[0-9]{17}[0-9X]|[0-9]{15}")


class IdNumber(TextKind):
    """An identity number in 18 characters with a capital X; one of 15 digits is carried over."""

    matter = "id"
    label = "公民身份号码"
    example = "119900********0018"
    how = "18 位，按文字填写，不能是科学计数"
    mask = staticmethod(mask_id)

    def parse(self, raw: Raw) -> str | None:
        number = raw.value if isinstance(raw, NumberCell) else raw
        if isinstance(number, bool | DateCell):
            raise ValueProblem("这里应填公民身份号码，请把单元格设为文本后重新填写")
        if isinstance(number, float) or (isinstance(number, int) and number >= EXACT):
            raise ValueProblem("公民身份号码被存成了数字，末尾几位已丢失；请设为文本后重新填写")
        text = as_text(number)
        if text is None:
            return None
        said = tight(text).lstrip("'").upper()
        if "*" in said:
            raise ValueProblem("公民身份号码被遮盖了一部分，请填写完整号码")
        if "E" in said and re.fullmatch(r"[\d.]+E[+-]?\d+", said):
            raise ValueProblem("公民身份号码变成了科学计数，末尾几位已丢失；请以文本重新填写完整号码")
        if not _FORM.fullmatch(said):
            raise ValueProblem(f"公民身份号码应为18位（末位可为X），这里是{len(said)}个字符，请核对")
        whole = said if len(said) == 18 else f"{said[:6]}19{said[6:]}"
        whole += check_digit(whole) if len(whole) == 17 else ""
        hint = f"{whole[:3]}…{whole[-2:]}"
        try:
            iso_day(int(whole[6:10]), int(whole[10:12]), int(whole[12:14]))
        except ValueProblem as problem:
            raise ValueProblem(f"公民身份号码（{hint}）里的出生日期不存在，请核对第7至14位") from problem
        if whole[-1] != check_digit(whole[:17]):
            raise ValueProblem(f"公民身份号码（{hint}）的校验码不对，可能有一位写错，请核对")
        return whole


def check_digit(first17: str) -> str:
    """The last character that belongs to the first seventeen digits (ISO 7064 MOD 11-2)."""
    total = sum(map(mul, first17.encode(), _WEIGHTS)) - ord("0") * sum(_WEIGHTS)
    return _CHECK_DIGITS[total % 11]


def birth_day(number: str) -> str:
    """The birth day that the number says, as ISO text."""
    return f"{number[6:10]}-{number[10:12]}-{number[12:14]}"


def sex(number: str) -> str:
    """男 where the seventeenth digit is odd, else 女."""
    return "男" if int(number[16]) % 2 else "女"
