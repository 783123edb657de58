"""Masking (去标识化) of names, ID numbers and phones for posting and for export, as government notices usually do."""

import re

_NAME_DOT = "·"


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
    first, dot, rest = name.partition(_NAME_DOT)
    if dot:
        return first + dot + "".join(letter if letter == _NAME_DOT else "*" for letter in rest)
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


def is_personal(heading: str) -> bool:
    """Whether a heading that no ledger knows announces personal data."""
    return bool(_PERSONAL.search(heading)) and not heading.endswith(("类型", "种类"))


def mask_found(heading: str, text: str) -> str:
    """What an unknown column holds, masked: all of it under a personal heading, else the personal numbers in it."""
    if not text:
        return text
    masked = _NUMBERS.sub(lambda found: _mask_number(found[0]), text)
    if masked != text or not is_personal(heading) or is_masked(text):
        return masked
    return text[0] + "*" * (len(text) - 1) if len(text) > 1 and not text.isdigit() else mask_phone(text)


def comes_back_masked(heading: str, text: str) -> bool:
    """Whether an unknown column holds what `mask_found` made of it, which must never overwrite the true value."""
    return is_masked(text) and (is_personal(heading) or bool(_MASKED.search(text)))


def _mask_number(number: str) -> str:
    if len(number) == 18:
        return mask_id(number)
    return mask_phone(number) if len(number) == 11 else "*" * (len(number) - 4) + number[-4:]
