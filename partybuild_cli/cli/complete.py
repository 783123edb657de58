"""Completion of names (补全): straight from the book, so that Tab answers at once."""

from collections.abc import Callable, Sequence

from typer import Context

from partybuild_cli.cli.secret import use_key
from partybuild_cli.cli.session import book_path, key_file
from partybuild_cli.errors import PartybuildError

#: What a shell asks for the words that may stand there, each with a word of help or alone.
Completer = Callable[[Context, list[str], str], list[tuple[str, str]]]

_QUERIES = {
    "member": "SELECT name, coalesce(staff_no, '') FROM member WHERE name LIKE ? OR staff_no LIKE ? ORDER BY id LIMIT 50",
    "branch": "SELECT name, coalesce(kind, '') FROM branch WHERE name LIKE ? OR '' LIKE ? ORDER BY id LIMIT 50",
}


def names(kind: str) -> Completer:
    """A completer for names of members (or their 工号) or of branches; silent where there is no book or no key."""

    def complete(ctx: Context, args: list[str], incomplete: str) -> list[tuple[str, str]]:
        from partybuild_cli.store import driver

        use_key(key_file(ctx), may_ask=False)
        try:
            book = driver.connect(book_path(ctx), query="mode=ro", timeout=0.2)
            found = book.execute(_QUERIES[kind], (f"{incomplete}%", f"{incomplete}%")).fetchall()
            book.close()
        except driver.errors("Error", OSError, PartybuildError):
            return []
        return [(name, more) if name.startswith(incomplete) else (more, name) for name, more in found]

    return complete


def words(choices: Sequence[str]) -> Completer:
    """A completer for fixed words."""
    return lambda ctx, args, incomplete: [(word, "") for word in choices if word.startswith(incomplete)]


def ledger_words(incomplete: str) -> list[tuple[str, str]]:
    """The ledgers, for commands that take several of them."""
    from partybuild_cli.records.base.registry import captions

    return [(name, caption) for name, caption in captions().items() if name.startswith(incomplete)]
