"""Two who bear one name on one list (同名党员): told apart by 工号, else by the number of the record."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any


def told_apart(people: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of a list; one person may stand on it twice, for two branches, and is no namesake of himself."""
    borne = Counter(name for _, name in {(one["member"], one["name"]) for one in people})
    return [
        f"{one['name']}({one['staff_no'] or '编号{}'.format(one['member'])})" if borne[one["name"]] > 1 else one["name"]
        for one in people
    ]
