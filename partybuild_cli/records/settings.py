"""设置: what a unit decides once (本单位设定), kept in the book and logged like a record: one row, a column for each decision."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import partial

from sqlalchemy import Connection, select

from partybuild_cli.records.base.column import earlier
from partybuild_cli.records.base.declare import Record, column
from partybuild_cli.records.base.kinds import TEXT, YES_NO
from partybuild_cli.records.base.roster import spans_of
from partybuild_cli.store.asof import known_by
from partybuild_cli.values import Choice, Number

decision = partial(column, dated=True)  # each holds from the day on which it is made
_MECHANISM = "填“是”就自查，填“否”就不自查；不填则从有了第一条记录起自查"


class OrgPart(StrEnum):
    """组织评定方式: the committee's score as given, or what it gives or takes from what the records say."""

    ABSOLUTE = "绝对分"
    ADJUSTMENT = "调整分"


class Settings(Record, table=True):
    """设置: what the unit has decided; a blank leaves what the help of the column says."""

    command = False

    volunteering: bool | None = decision(YES_NO, "志愿服务制度", help=f"自查 E1：{_MECHANISM}")
    model_posts: bool | None = decision(YES_NO, "党员示范岗制度", help=f"自查 E3：{_MECHANISM}")
    zones: bool | None = decision(YES_NO, "党员责任区制度", help=f"自查 E4：{_MECHANISM}")
    pairing: bool | None = decision(YES_NO, "结对帮带制度", help=f"自查 E6：{_MECHANISM}")
    posting: bool | None = decision(YES_NO, "先锋指数公示制度", help=f"自查 E7：{_MECHANISM}")
    departments: str | None = decision(
        TEXT, "应覆盖科室", help="全院要有党支部覆盖的科室，用顿号分开；自查 E4 逐个核对，不填则不核对"
    )
    lectures_per_year: Decimal | None = decision(
        Number(unit="次"), "党课计划", help="每个支部每年计划讲几次党课，支部自己定了的除外；不填按4次"
    )
    dues_rounding: str | None = decision(
        Choice({"分": "0.01", "角": "0.1", "元": "1"}), "党费取整", help="应缴党费四舍五入到分、角还是元；不填按分"
    )
    least_coverage: Decimal | None = decision(
        Number(unit="%", maximum=Decimal(100)), "最低覆盖率",
        help="先锋指数：有记录的指标不到应计分值的这个百分数，就不计分；不填按方案",
    )  # fmt: skip
    org: str | None = decision(
        Choice({OrgPart.ABSOLUTE: "absolute", OrgPart.ADJUSTMENT: "adjustment"}), "组织评定方式",
        help="先锋指数：组织评定直接打分，还是在记录得分上加减；不填按方案",
    )  # fmt: skip
    reception_desk: str | None = decision(TEXT, "公示受理人", help="公示表上写的受理部门或受理人；不填则留空手写")
    reception_phone: str | None = decision(TEXT, "公示联系电话", help="公示表上写的电话；不填则留空手写")
    opinion_box: str | None = decision(TEXT, "意见箱", help="公示表上写的意见箱地点；不填则留空手写")


def settings_of(connection: Connection, day: date | None = None) -> Settings:
    """What the unit has decided, or had by a day, where the book is not younger; nothing in a book where it has not."""
    row = connection.execute(select(Settings.__table__)).mappings().first()
    if row is None:
        return Settings()
    spans = spans_of(connection, Settings.ledger).get(row["id"], []) if day and known_by(connection, day) else []
    before = {field: Settings.as_stored(field, said) for field, said in earlier(spans, str(day)).items()}
    kinds = {field: Settings.columns[field].kind for field in before}
    then = {field: None if said is None else kinds[field].decode((said,)) for field, said in before.items()}
    return Settings(**{**row, **then})
