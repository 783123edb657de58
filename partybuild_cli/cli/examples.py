"""Examples at the end of the help of each ledger's verbs (例)."""

from partybuild_cli.records.base.declare import Record


def example_of(record: type[Record], verb: str) -> str:
    return ""
