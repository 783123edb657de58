"""What the demo types (演示的步骤): the command lines by which a clerk goes through a quarter."""

from pathlib import Path

from partybuild_cli.demo.folder import ARCHIVE, LEDGERS, SOURCES

QUARTER = "2026Q3"
#: Whose score is explained: one with a bonus, who also took part in what the demo records itself.
EXPLAINED = "方志恒"
FOUNDING = ["init", "--branch", "呼吸内科党支部", "--parent", "澜江市第一人民医院党委"]
#: A general meeting from which two were away.
MEETING = [
    *("meeting", "add", "--branch", "呼吸内科党支部", "--kind", "支部党员大会", "--on", "2026-09-23"),
    *("--topic", "第三季度工作总结和先锋指数评议", "--place", "示教室", "--host", "沈柏松", "--first-topic", "是"),
    *("--absent", "彭雪梅:值班", "--absent", "邹凯旋:援外"),
]
#: A free clinic; one of the four took part for two hours only.
SERVICE = [
    *("service", "add", "--branch", "呼吸内科党支部", "--kind", "义诊", "--on", "2026-09-19"),
    *("--title", "戒烟门诊进社区", "--place", "江畔社区", "--organizer", "陆秋实", "--hours", "4"),
    *("--people-served", "160余", "--member", "陆秋实", "--member", "方志恒", "--member", "贺子衿"),
    *("--member", "董思源:2"),
]


def steps(folder: Path, ledgers: list[Path]) -> list[tuple[str, list[list[str]]]]:
    """Each step: what it does, and its command lines."""
    return [
        (f"在 {folder} 新建数据库", [FOUNDING]),
        (f"导入 {len(ledgers)} 份样例台账", [["import", str(folder / SOURCES)]]),
        ("登记一次会议：只写谁没来，其余应到党员都记为出席", [MEETING]),
        ("登记一次义诊：时长可以各人不同", [SERVICE]),
        ("计算 2026 年第三季度先锋指数", [["index", "compute", QUARTER], ["index", "list", QUARTER]]),
        ("说明一名党员的得分：每一分出自哪条记录", [["index", "explain", EXPLAINED, QUARTER]]),
        ("导出迎检台账", [["export", "--out", str(folder / LEDGERS)]]),
        ("生成季度归档，可交给定时任务", [["quarterly", QUARTER, "--out", str(folder / ARCHIVE)]]),
    ]
