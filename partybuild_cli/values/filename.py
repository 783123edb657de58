"""Names of people and branches as names of files (文件名): nothing in them can lead elsewhere or offend a system."""

import re

_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)")
_LONGEST = 60


def file_name(text: str) -> str:
    """One part of a file's name: no separators, no leading dots, no device of Windows, at most 60 characters."""
    name = _FORBIDDEN.sub("-", text).strip(" .-")[:_LONGEST].rstrip(" .") or "未命名"
    return f"_{name}" if _RESERVED.fullmatch(name) else name
