"""How wide text stands on a screen or a sheet (显示宽度): a Chinese character takes two columns."""

from unicodedata import combining, east_asian_width


def display_width(text: str) -> int:
    """Columns that one line of text takes."""
    return sum(0 if combining(sign) else 2 if east_asian_width(sign) in "WFA" else 1 for sign in text)


def padded(text: str, width: int) -> str:
    """Text with blanks behind it up to a width."""
    return text + " " * (width - display_width(text))
