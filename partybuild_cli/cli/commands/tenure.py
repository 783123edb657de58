"""`tenure add`: what the roster dates itself is said there (党内职务 党小组 …)."""

from collections.abc import Mapping

from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.options import Cells, Own, Said
from partybuild_cli.errors import UsageFault

app = Commands()
#: What is no entry of this ledger -> the option of `member edit` that dates it.
_IN_THE_ROSTER = {
    "党内职务": "--party-post", "党小组": "--group", "岗位类别": "--staff-kind", "行政职务": "--position",
    "免考核": "--exempt-reason", "不计入应到": "--excluded-reason", "停止党籍": "--standing",
}  # fmt: skip


def _completed(cells: Cells, values: Mapping[str, Said]) -> Cells:
    """The cells of a new entry. UsageFault where it is the roster's."""
    if option := _IN_THE_ROSTER.get(cells.get("kind", "")):
        said = cells.get("value") or ("停止党籍" if option == "--standing" else "内容")
        raise UsageFault(
            f"{cells['kind']}登记在花名册里，选项是 {option} {said}。请用 partybuild member edit 姓名 --from 日期，并写上这个选项。"
        )
    return cells


own = Own(completed=_completed)
