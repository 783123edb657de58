"""谈心谈话台账: heart-to-heart talks (支部工作条例第十九条: 每年一般不少于 1 次)."""

from partybuild_cli.records.base.column import Values
from partybuild_cli.records.base.declare import Below, Context, Record, ResolvedRow, Scope, column, computed, related
from partybuild_cli.records.base.kinds import DAY, HOME, MEMBER, PROSE, TEXT
from partybuild_cli.records.base.roster import Roster
from partybuild_cli.values import Choice
from partybuild_cli.values.text import tight

#: 类型.
KIND = Choice({"日常": "谈心 日常谈话", "提醒": "提醒谈话", "关爱": "关爱谈话", "会前": "会前谈话", "任职": "任职谈话"})


class Talk(Record, table=True):
    """谈心谈话台账: one talk; its content is private and leaves the database only when asked for."""

    title_words = ("谈心谈话", "谈话", "谈心")
    whom = "subject"
    outranked_by = {"development": ("applied_on",)}
    on_forms = True
    brief = ("talked_on", "talker", "subject", "kind")
    date = "talked_on"
    completed_by = ("kind",)

    branch = related(HOME, "所在党支部", "党支部 支部", context=True)
    talked_on: str = column(DAY, "谈话时间", "时间 日期 谈话日期", required=True, identity=True, mark=0.5)
    talker_id: int = column(MEMBER, "谈话人", required=True, identity=True, mark=2)
    subject_id: int = column(MEMBER, "谈话对象", "被谈话人", required=True, identity=True, mark=2)
    relation = computed(TEXT, "关系类型", "关系", mark=1)
    kind: str | None = column(KIND, "类型", "谈话类型 类别")
    content: str | None = column(PROSE, "主要内容", "谈话内容 内容", private=True)
    note: str | None = column(TEXT, "备注", "说明")

    @classmethod
    def settle(cls, row: ResolvedRow, scope: Scope) -> None:
        """Nobody talks with himself; the typed 关系类型 is checked against who was on the committee on that day."""
        typed = row.values.get("relation")
        pair = (row.stored["talker_id"], row.stored["subject_id"])
        if pair[0] == pair[1]:
            row.refuse(cls.columns["subject"], row.values["subject"], "谈话人和谈话对象是同一个人，请核对")
        if typed is None:
            return
        worked_out = relation(scope.roster, pair, row.values["talked_on"])
        if tight(typed).replace("—", "-") != worked_out:
            message = f"表中填“{typed}”，按党内职务应为“{worked_out}”，请核对"
            row.warn(cls.columns["relation"], typed, message)

    @classmethod
    def compute(cls, row: Values, below: Below, context: Context) -> Values:
        """The relation, by the posts that the two hold."""
        return {"relation": relation(context.roster, (row["talker_id"], row["subject_id"]), row["talked_on"])}


def relation(roster: Roster, pair: tuple[int, int], day: str) -> str:
    """支委-支委, 支委-党员 or 党员-党员, whoever began the talk."""
    homes = {branch for member in pair if (branch := roster.home(member, day)) is not None}
    committee = {who.member for home in homes for who in roster.belonging(home, day) if who.on_committee}
    return "-".join(sorted(("支委" if member in committee else "党员" for member in pair), key="支委党员".index))
