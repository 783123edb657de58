"""How wide text stands on a screen or a sheet (显示宽度): a Chinese character takes two columns.

Ambiguous characters (“ ” … ① —) are wide in Chinese fonts and count as two.
"""

from functools import cache
from unicodedata import combining, east_asian_width


@cache
def _sign_width(sign: str) -> int:
    return 0 if combining(sign) else 2 if east_asian_width(sign) in "WFA" else 1


def display_width(text: str) -> int:
    """Columns that one line of text takes."""
    return len(text) if text.isascii() else sum(map(_sign_width, text))


def padded(text: str, width: int) -> str:
    """Text with blanks behind it up to a width."""
    return text + " " * (width - display_width(text))
