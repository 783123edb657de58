"""党组织: the tree of Party organisations, from the committee of the hospital down to a group (党委 党总支 党支部 党小组)."""

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import Connection
from sqlmodel import select

from partybuild_cli.records.base.column import SPANS, hold
from partybuild_cli.records.base.declare import Record, column, qualifier
from partybuild_cli.records.base.kinds import COUNT, DAY, ORGANISATION, TEXT, YES_NO
from partybuild_cli.records.base.roster import NUMBER, Roster
from partybuild_cli.store.history import Change
from partybuild_cli.store.rows import Edit, kept
from partybuild_cli.store.rows import edit as store_edit
from partybuild_cli.values import Choice, CountKind
from partybuild_cli.values.text import tight


class BranchKindWord(StrEnum):
    """类别: the four kinds of organisation."""

    COMMITTEE = "党委"
    GENERAL = "党总支"
    BRANCH = "党支部"
    GROUP = "党小组"


KIND = Choice(dict(zip(BranchKindWord, ("基层党委", "总支", "支部", ""), strict=True)))


class Branch(Record, table=True):
    """党组织: one organisation; `parent` names the one above, which need not be kept here."""

    title_words = ("党组织", "党支部情况")
    brief = ("name", "kind", "parent", "elected_on", "brand")
    named_by = "name"
    begins = "founded_on"
    came_with = {"elected_on": ("term_years", "term_years_qualifier")}

    @classmethod
    def number_of(cls, name: str, roster: Roster) -> int | None:
        """By name, or the record's number."""
        return None if NUMBER.fullmatch(name) else roster.branch_meant(tight(name))

    @classmethod
    def arranged(cls, connection: Connection, roster: Roster, numbers: list[int]) -> list[int]:
        """Each below the one above it; a circle or an unknown one above ends the way up."""
        above = {
            number: roster.numbered(upper) for number, upper in connection.execute(select(cls.id, cls.parent)) if upper
        }

        def way(number: int) -> list[int]:
            found, upper = [number], above.get(number)
            while upper is not None and upper not in found:
                found, upper = [upper, *found], above.get(upper)
            return found

        return sorted(numbers, key=way)

    @classmethod
    def carry_on(cls, connection: Connection, change: Change, edits: Sequence[Edit]) -> None:
        """Those below an organisation that is renamed stay below it, from the same day under its new name."""
        for old, new, spans in (
            (edit.before["name"], edit.after["name"], edit.after.get(SPANS.table, ()))
            for edit in edits
            if "name" in edit.after
        ):
            day = max((span[1] for span in spans if (span[0], span[2]) == ("name", old)), default=None)
            for number, row in kept(connection, cls.shape).items():
                if row["parent"] == old:
                    held, _ = hold(row, "parent", new, day)
                    before = {"parent": old, SPANS.table: row.get(SPANS.table, [])}
                    below = Edit(number, before, {"parent": new, SPANS.table: sorted(held)})
                    store_edit(connection, change, cls.shape, [below])

    name: str = column(
        ORGANISATION, "党组织名称", "支部名称 党支部 所在党支部 所属党组织 党支部名称",
        required=True, identity=True, dated=True,
    )  # fmt: skip
    kind: str | None = column(KIND, "类别", "党组织类别 组织类别", mark=2)
    parent: str | None = column(ORGANISATION, "上级党组织", "上级组织 隶属党组织", mark=2, known_once=True)
    founded_on: str | None = column(DAY, "成立日期", "成立时间", mark=2)
    elected_on: str | None = column(
        DAY, "本届选举日期", "选举日期 换届日期 本届换届日期 换届时间", mark=2.5, since="elected_on"
    )
    term_years: int | None = column(
        CountKind(unit="年"), "任期", "任期(年) 任期年限", help="本届任期年数，医院党支部一般为 3 年",
        mark=1, since="elected_on",
    )  # fmt: skip
    term_years_qualifier: str | None = qualifier()
    brand: str | None = column(TEXT, "品牌", "支部品牌 党建品牌", mark=1, dated=True)
    departments: str | None = column(TEXT, "覆盖科室", "所辖科室 涵盖科室", mark=2, known_once=True)
    lectures_per_year: int | None = column(
        COUNT, "党课计划", "党课计划(次/年)", help="本支部每年计划讲几次党课；全国没有统一数字", known_once=True
    )
    lectures_per_year_qualifier: str | None = qualifier()
    dues_quarterly: bool | None = column(
        YES_NO, "按季交纳党费", "党费按季交纳", help="经支部同意按季交纳时填“是”", known_once=True
    )
