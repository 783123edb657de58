"""换届选举台账: elections of a branch, and delays that the organisation above approved (延期换届)."""

from partybuild_cli.records.base.declare import Record, column, qualifier
from partybuild_cli.records.base.kinds import BRANCH, DAY, TEXT
from partybuild_cli.values import CountKind


class Election(Record, table=True):
    """换届选举台账: one election; a delay of the next is approved beside it."""

    title_words = ("换届",)
    brief = ("branch", "elected_on", "term_years", "extended_until")
    date = "elected_on"
    begins = "elected_on"

    branch_id: int = column(BRANCH, "党支部", "所在党支部 支部 党组织名称", identity=True, context=True, required=True)
    elected_on: str = column(
        DAY, "选举日期", "换届日期 换届选举日期 本届选举日期", required=True, identity=True, mark=2
    )
    term_years: int | None = column(
        CountKind(unit="年"), "任期", "任期(年) 任期年限", help="任期年数，医院党支部一般为 3 年"
    )
    term_years_qualifier: str | None = qualifier()
    votes: str | None = column(TEXT, "表决", "选举结果 表决情况")
    extended_until: str | None = column(DAY, "延期至", "延期换届至", help="经批准延期换届到哪天", mark=1.5)
    approved_on: str | None = column(DAY, "延期批准日期", "批准日期", help="上级党组织批准延期的日期", mark=1)
    note: str | None = column(TEXT, "备注", "说明")
