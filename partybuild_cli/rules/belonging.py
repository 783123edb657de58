"""Which branches a record belongs to (记录归属)."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable

from partybuild_cli.rules.facts import Facts, Row
from partybuild_cli.values.text import tight

#: What a record that names no branch, and nobody of one, is filed under.
UNPLACED = "（未对应党支部）"


class Owners:
    """Whose a record is: of the branch that it says, of the only one there is, of the members that it names or those
    whose names stand in it; what names nobody is filed under the organisation above, or left unplaced.
    """

    def __init__(self, facts: Facts) -> None:
        self._only = facts.branches[0].name if facts.only and facts.branches else None
        self._branches = {branch.number: branch.name for branch in facts.branches}
        self._roster, kinds = facts.roster, facts.roster.branch_kinds
        self._all = {number for number, kind in kinds.items() if kind in ("党支部", None)}
        #: Where what names no branch is filed; nowhere where one branch is asked for.
        self.above = "" if facts.narrowed else next(iter(facts.upper), UNPLACED)
        self._named: dict[tuple[str, int], set[int]] = defaultdict(set)
        sql = (
            "SELECT DISTINCT ledger, record_id, member_id FROM person"
            " WHERE ledger IN ('task', 'decision', 'honor', 'pairing', 'zone', 'metric')"
        )
        for ledger, number, member in facts.connection.exec_driver_sql(sql):
            self._named[ledger, number].add(facts.registered[member]["branch_id"])

    def of(self, ledger: str, row: Row, text: str = "") -> list[str]:
        """The names of the branches that a record belongs to; `text` may name some, as they were called on its day."""
        if self._only:
            return [self._only]
        branch = row.get("branch_id")
        day = next((row[key] for key in ("awarded_on", "started_on") if row.get(key)), None)
        named = {branch} & self._all if branch is not None else set(self._named.get((ledger, row["id"]), ()))
        if branch is None:
            words = whole_names(text, {**self._roster.borne, **self._roster.branches}) if text else ()
            named |= {self._roster.numbered(name, day) or 0 for name in words} & self._all
        if not named:
            return [self.above] if self.above else []
        return [self._branches[number] for number in sorted(named) if number in self._branches]


def by_owner(facts: Facts, ledger: str, read: Callable[[Facts], list[Row]], *texts: str) -> dict[str, list[Row]]:
    """What is read of a ledger by the names of the branches that it belongs to; `texts` are columns that may name one."""

    def grouped(facts: Facts) -> dict[str, list[Row]]:
        result: dict[str, list[Row]] = defaultdict(list)
        for row in read(facts):
            text = "、".join(str(row[key]) for key in texts if row[key])
            for name in facts.once(Owners).of(ledger, row, text):
                result[name].append(row)
        return result

    return facts.once(grouped, read)


#: What may stand before a name without being part of it: a mark, a word that joins, or the unit above.
_BEFORE_A_NAME = re.compile(r"(?:^|[^\w]|[与和及同跟由对向给]|医院|院区|党委|党总支|总支部?|中心|公司|大学|学院)$")


def whole_names(text: str, names: Iterable[str]) -> list[str]:
    """The names that stand in a text as whole names, the longest first: 神经内科党支部 does not name 内科党支部."""
    plain = re.sub(r"[\s　]+", "", text)
    found = []
    for name in sorted(names, key=len, reverse=True):
        parts = plain.split(tight(name))
        if any(_BEFORE_A_NAME.search(before) for before in parts[:-1]):
            found.append(name)
        if len(parts) > 1:
            plain = "、".join(parts)  # what a longer name takes up names nothing else
    return found
