"""A year of an invented hospital, told in commands: what the frozen books hold.

Every ledger, imports, edits of rows below a record, removals, undo and its undo, transfers, a member forgotten, a round of
the index from computing to revision. People and events are invented; ID numbers begin 119900, telephones 1540.
"""

from collections.abc import Callable
from pathlib import Path

from partybuild_cli.values.people import check_digit
from tests.golden.stage import at, must

Story = Callable[[Path], None]
MAIN, OTHER = "针灸科党支部", "推拿科党支部"


def _id(birth: str, order: int) -> str:
    first = f"119900{birth.replace('-', '')}{order:03d}"
    return first + check_digit(first)


_ROSTER = f"""所在党支部,工号,姓名,性别,公民身份号码,人员类别,入党日期,转正日期,党内职务,党小组,科室,岗位类别,联系电话,籍贯
{MAIN},1001,林清远,男,{_id("1975-03-12", 101)},正式党员,1998-06,1999-06,书记,第一小组,针灸科,临床,15400001001,南岭
{MAIN},1002,何思齐,女,{_id("1980-07-01", 102)},正式党员,2003-07-01,2004-07-01,组织委员,第一小组,针灸科,临床,15400001002,
{MAIN},1003,郑怀瑾,男,{_id("1984-11-30", 103)},正式党员,2008-12-20,2009-12-20,宣传委员,第一小组,针灸科,临床,15400001003,东港
{MAIN},1004,宋知秋,女,{_id("1993-09-09", 104)},预备党员,2025-11-20,,,第二小组,针灸科,护理,15400001004,西畴
{MAIN},1005,许望舒,女,{_id("1990-01-15", 106)},正式党员,2015-07-01,2016-07-01,,第二小组,针灸科,护理,15400001005,
{MAIN},1006,丁若谷,男,{_id("1988-05-05", 105)},正式党员,2012-06-30,2013-06-30,,第二小组,针灸科,临床,,
{MAIN},1007,丁若谷,男,{_id("1991-02-02", 107)},正式党员,2016-06-30,2017-06-30,,第一小组,针灸科,医技,,
{MAIN},1008,孟长亭,男,{_id("1986-08-08", 109)},正式党员,2010-07-01,2011-07-01,,第一小组,针灸科,临床,15400001008,北原
{OTHER},2001,方既白,男,{_id("1972-12-12", 111)},正式党员,1995-07-01,1996-07-01,书记,,推拿科,临床,15400002001,
{OTHER},2002,蒋采薇,女,{_id("1989-04-04", 112)},正式党员,2014-07-01,2015-07-01,组织委员,,推拿科,护理,15400002002,
{OTHER},2003,谭嘉树,男,{_id("1994-10-10", 113)},正式党员,2018-07-01,2019-07-01,纪检委员,,推拿科,临床,15400002003,
"""

_DUES = """针灸科党支部2026年上半年党费收缴台账,,,,,,,,,
姓名,工号,缴纳基数,应缴,1月,2月,3月,4月,5月,6月
林清远,1001,9600,144,144,144,144,144,144,144
何思齐,1002,8000,120,120,120,120,120,120,120
郑怀瑾,1003,6400,96,96,96,96,96,96,
"""

_STUDY = """姓名,工号,学习时间,学习内容,学时,老师评语
林清远,1001,2026-07-10,党章专题学习,2,认真
何思齐,1002,2026-07-10,党章专题学习,2,
许望舒,1005,2026-08-03..2026-08-05,青年理论培训,12.5,优
"""

_LECTURES = """会议日期,支部,会议类型,会议主旨,未到会情况
2026-07-15,针灸科党支部,党课,七月党课,宋知秋（夜休）、丁若谷(1006)（手术）
2026-08-19,针灸科党支部,党课,八月党课,孟长亭（外出会诊）、许望舒
"""
_MORE_LECTURES = """会议日期,支部,会议类型,会议主旨,未到会情况
2026-09-16,针灸科党支部,党课,九月党课,何思齐（进修）
"""

_WRONG = """荣誉名称,获得者,级别,授予单位,授予日期
优秀共产党员,何思齐,院级,医院党委,2026-07-01
优秀共产党员,方既白,院级,医院党委,2026-07-01
先进党支部,推拿科党支部,院级,医院党委,2026-07-01
"""

_RATINGS = """姓名,工号,季度,评议方式,评议人,得分,理由
林清远,1001,2026Q3,自评,林清远,92,
何思齐,1002,2026Q3,自评,何思齐,95,
何思齐,1002,2026Q3,互评,林清远,90,带头义诊
何思齐,1002,2026Q3,互评,郑怀瑾,88,
林清远,1001,2026Q3,互评,何思齐,91,
林清远,1001,2026Q3,组织评定,,93,
何思齐,1002,2026Q3,组织评定,,90,
郑怀瑾,1003,2026Q3,组织评定,,85,
许望舒,1005,2026Q3,组织评定,,82.5,
"""

_SHEETS = {
    "花名册.csv": _ROSTER,
    "党费.csv": _DUES,
    "学习.csv": _STUDY,
    "党课.csv": _LECTURES,
    "九月党课.csv": _MORE_LECTURES,
    "荣誉有误.csv": _WRONG,
    "评议.csv": _RATINGS,
}

#: Moment -> the command lines of that moment.
_STORY = {
    "2026-07-01 09:00": [
        f"init --branch {MAIN} --parent 城东中医医院党委",
        f"branch add --name {OTHER} --kind 党支部 --parent 城东中医医院党委 --founded-on 2009-05",
        f"branch edit {MAIN} --elected-on 2024-03-20 --term-years 3 --brand 银针暖心 --departments 针灸科、康复门诊",
    ],
    "2026-07-01 09:20": ["import 花名册.csv", "import 党费.csv"],
    "2026-07-06 16:00": [
        f"meeting add --branch {MAIN} --kind 支部党员大会 --on 2026-07-06 --topic 第三季度第一次大会 --place 示教室 --host 林清远"
        " --first-topic 是 --absent 许望舒:值班 --absent '丁若谷(1006)' --content 学习讲话 --resolution 全体通过",
        f"meeting add --branch {MAIN} --kind 支委会 --on 2026-07-06 --topic 研究发展党员 --hours 1.5",
        f"meeting add --branch {OTHER} --kind 支部党员大会 --on 2026-07-07 --topic 推拿科七月大会 --attendees 方既白 --attendees 蒋采薇"
        " --absent 谭嘉树:值班",
    ],
    "2026-07-08 10:00": [
        "meeting edit 1 --absent '丁若谷(1006)' --absent '丁若谷(1007):急诊抢救' --on-leave 许望舒:手术 --on-leave 孟长亭:外出会诊",
        "meeting edit 1 --made-up 许望舒:2026-07-08 --note 补学记录在册",
        "import 党课.csv --map 会议主旨=topic --map 未到会情况=absent",
        "import 学习.csv",
        "import 荣誉有误.csv",
    ],
    "2026-07-08 10:30": ["undo 13"],
    "2026-07-20 15:00": [
        f"service add --branch {MAIN} --kind 义诊 --on 2026-07-18 --title 三伏贴进社区 --place 江畔社区 --partner 江畔社区党委"
        " --member 林清远 --member 何思齐:6 --member 孟长亭:2.5 --hours 4 --organizer 林清远 --people-served 160余 --others 3",
        f"service add --branch {MAIN} --kind 健康讲座 --on 2026-07-19 --title 颈椎保健 --member 郑怀瑾 --hours 2 --people-served 45",
        "service edit 1 --member 林清远:4 --member 何思齐:5.5 --member 宋知秋:3 --member 孟长亭:2.5 --note 时长核对过",
        "study add --member 宋知秋 --on 2026-07-20 --kind 网络自学 --topic 预备党员必修课 --hours 6",
        "talk add --on 2026-07-21 --talker 林清远 --subject 宋知秋 --kind 日常 --content 工作和思想都稳定",
        "talk add --on 2026-07-22 --talker 林清远 --subject 何思齐 --kind 关爱 --content 家中老人住院 --note 已慰问",
    ],
    "2026-08-03 08:30": [
        "decision add --item 购置电针仪 --kind 大额资金使用 --met-on 2026-08-03 --meeting 支委会 --consultations 2 --opinions 十余条"
        " --adopted 5 --due 3 --present 3 --votes 全票通过 --outcome 同意 --amount 18.6 --responsible 郑怀瑾 --due-on 2026-10-31",
        "task open --decision 1",
        "task add --area 组织建设 --item 补齐发展材料 --responsible 何思齐 --due-on 2026-08-31 --source 上级检查 --measures 逐份核对",
        "task add --area 服务患者 --item 晨间问候制度 --responsible 许望舒 --due-on 长期坚持",
        "task close 2 --evidence 材料清单 --verified-by 林清远 --on 2026-08-03",
        "honor add --title 优秀共产党员 --winner 何思齐 --level 院级 --awarded-by 医院党委 --awarded-on 2026-07-01 --field 党内",
        f"honor add --title 先进党支部 --winner {MAIN} --level 市厅级 --awarded-on 2026-07",
        "pairing add --kind 师徒 --giver 林清远 --receiver 宋知秋 --on 2026-03-01 --goal 独立出诊 --visited-on 2026-07-30 --content 跟诊一次",
        "pairing edit 1 --visited-on 2026-08-02 --content 病例讨论",
        "post add --member 许望舒 --place 针灸门诊护士站 --set-on 2026-01-05 --plate 针-03 --duties 分诊 --pledge 微笑服务 --quarter 2026Q3"
        " --assessed 合格",
        "zone add --name 一诊区责任区 --ward 针灸门诊 --head 郑怀瑾 --member 许望舒 --member '丁若谷(1006)' --duties 巡诊 --quarter 2026Q3"
        " --assessed 合格",
        "cultivation add --member 何思齐 --track 双带头人 --measures 轮岗 --responsible 林清远 --started-on 2026-01",
        f"metric add --subject {MAIN} --name 患者满意度 --period 2026Q3 --actual 98.2 --target 95 --unit %",
        "conduct add --member 何思齐 --on 2026-08-08 --kind 锦旗 --times 2 --basis 患者赠送 --decided-by 支委会 --decided-on 2026-08-10",
        "review add --member 何思齐 --year 2025 --grade 优秀 --opinion 作用突出 --decided-on 2026-01-20",
        "review add --member 林清远 --year 2025 --grade 合格",
    ],
    "2026-08-10 11:00": [
        f"development add --branch {MAIN} --name 白晓舟 --id-number {_id('1996-06-06', 121)} --gender 男 --department 针灸科 --staff-kind 临床"
        " --applied-on 2022-03-01 --talked-on 2022-03-20 --activist-on 2023-01-10 --contact 何思齐 --contact 郑怀瑾",
        "development edit 1 --candidate-on 2025-02-01 --sponsor 何思齐 --sponsor 林清远 --reviewed-on 2025-03-01"
        " --trained-on 2025-03-05..2025-03-08 --trained-hours 24 --prechecked-on 2025-05-10",
        "development edit 1 --contact 许望舒 --contact 何思齐 --voted-on 2026-06-01 --votes '应到7 实到7 赞成7' --approved-on 2026-07-15",
        "development promote 1 --staff-no 1009",
        f"development add --branch {OTHER} --name 柳如烟 --applied-on 2026-05-04",
    ],
    "2026-08-20 09:00": [
        f"member transfer 谭嘉树 --to {MAIN} --on 2026-08-20",
        "member transfer '1007' --to 江南分院党委 --on 2026-08-25",
        "member edit 许望舒 --phone 15400009005 --title 主管护师 --party-post 纪检委员",
        "member edit 何思齐 --note 借调期间保留组织关系",
        "member edit 何思齐 --clear note --group 第二小组",
        "dues prepare 2026-08",
        "dues edit 18 --paid 144 --paid-on 2026-08-15",
    ],
    "2026-09-01 14:00": [
        f"meeting add --branch {MAIN} --kind 主题党日 --on 2026-08-28 --topic 参观纪念馆 --absent 宋知秋:产假",
        f"meeting add --branch {MAIN} --kind 组织生活会 --on 2026-08-29 --topic 临时会议",
        "meeting remove 7 --yes",
        "service remove 2 --yes",
        "honor remove 4 --yes",
    ],
    "2026-09-02 08:00": ["undo 52", "undo 53", "undo 55", "undo 56", "undo 51"],
    "2026-09-10 10:00": [
        f"member transfer 谭嘉树 --to {OTHER} --on 2026-09-10",
        "member transfer 孟长亭 --to 北原市中医院党委 --on 2026-09-05",
        "import 九月党课.csv",
        f"member transfer 1007 --to {MAIN} --on 2026-09-08",
    ],
    "2026-10-08 09:00": [
        "index compute 2026Q3",
        "import 评议.csv",
        "index compute 2026Q3",
        "export member --full --out 导出",
    ],
    "2026-10-09 09:00": [f"index publish 2026Q3 --branch {MAIN} --out 公示"],
    "2026-10-10 11:00": [
        "index object 2026Q3 --member 许望舒 --by 许望舒 --matter 少计一次义诊",
        f"service add --branch {MAIN} --kind 义诊 --on 2026-09-20 --title 重阳义诊 --member 许望舒 --hours 3",
        "index object 2026Q3 --number 1 --handled-by 何思齐 --finding 属实 --answer 已补记 --answered-on 2026-10-12",
    ],
    "2026-10-13 09:00": [
        f"index revise 2026Q3 --branch {MAIN} --reason 补记重阳义诊 --out 公示",
        "quarterly 2026Q3 --out 季度归档",
    ],
    "2026-10-20 17:00": [
        "member forget 孟长亭 --yes",
        "backup",
        f"meeting add --branch {OTHER} --kind 党课 --on 2026-10-16 --topic 十月党课 --attendees 方既白 --on-leave 蒋采薇:值班"
        " --absent 谭嘉树",
        "meeting edit 9 --attendees 方既白 --attendees 蒋采薇 --attendees 谭嘉树",
    ],
}


def tell(folder: Path) -> None:
    """Play the whole story on the book of the stage, in `folder`."""
    for name, text in _SHEETS.items():
        (folder / name).write_text(text, encoding="utf8")
    for moment, lines in _STORY.items():
        with at(moment):
            for line in lines:
                must(line)


#: Rare characters of names: of Unicode 15 (U+31350), 13 (U+30EDD) and earlier planes, a middle dot, and one that NFC keeps.
_RARE = ("张𱍐", "𰻝小满", "王𬍛", "𠮷田宁", "阿依古丽·买买提", "䶮文")


def tell_rare(folder: Path) -> None:
    """A small branch whose members bear rare characters in their names."""
    with at("2026-07-01 09:00"):
        must("init --branch 𱁬腾医院党支部")
        for number, name in enumerate(_RARE, start=1):
            must(
                f"member add --name {name} --staff-no {number} --category 正式党员 --joined-on 2010-07-01 --note {name}入党"
            )
    with at("2026-07-06 16:00"):
        must("meeting add --kind 党课 --on 2026-07-06 --topic 𱍐字怎么写 --absent 张𱍐:值班 --absent 王𬍛")
        must("service add --kind 义诊 --on 2026-07-18 --title 进𰻝巷 --member 张𱍐:3 --member 𠮷田宁 --hours 2")
    with at("2026-07-08 10:00"):
        must("meeting edit 1 --absent 张𱍐:手术 --absent 王𬍛:产假")
        must("member edit 张𱍐 --note 改回𱍐")
        must("service remove 1 --yes")
        must("undo 12")
        must("member edit 2 --department 𱍐科")
