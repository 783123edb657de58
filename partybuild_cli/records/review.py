"""民主评议台账: the grade that the branch decided for each member in a year (支部工作条例第十八条)."""

from partybuild_cli.records.base.declare import Record, column, related
from partybuild_cli.records.base.kinds import DAY, HOME, MEMBER, PROSE, YEAR
from partybuild_cli.values import Choice

#: 等次; a probationary member is not graded (不评定).
GRADES = ("优秀", "合格", "基本合格", "不合格", "不评定")


class Review(Record, table=True):
    """民主评议台账: one member's grade of a year, with the opinion and the day of the decision."""

    title_words = ("民主评议",)
    brief = ("member", "year", "grade")
    date = "year"

    branch = related(HOME, "所在党支部", "党支部 支部 党组织", context=True)
    member_id: int = column(MEMBER, "姓名", "党员姓名", required=True, identity=True)
    year: str = column(YEAR, "年度", "年份", required=True, identity=True, context=True, mark=0.5)
    grade: str | None = column(Choice(GRADES), "等次", "评定等次 评议结果", mark=3.5)
    opinion: str | None = column(PROSE, "意见", "评定意见 组织意见", mark=0.5)
    decided_on: str | None = column(DAY, "评定日期", "评定时间")
