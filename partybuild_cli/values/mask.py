"""Masking (去标识化) of names, ID numbers and phones for posting and for export.

No nationwide pattern binds; these are the usual ones of government notices.
"""

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
