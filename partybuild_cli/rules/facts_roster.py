"""Whether the roster is complete (花名册完整), by the items of 党员基本信息采集表 that the ledger keeps."""

from collections import defaultdict

from partybuild_cli.errors import ValueProblem
from partybuild_cli.rules.facts import Field
from partybuild_cli.values.idnumber import IdNumber

#: Of the sixteen items those that are never blank. 住址 is not kept; 流动 失联 are blank for most; 党籍状态 blank is 正常.
_ASKED = ("gender", "ethnicity", "id_number", "born_on", "education", "joined_on", "department", "phone")


def incomplete(field: Field) -> dict[int, list[int]]:
    """Branch -> members of whom an item is missing; a full member has a day of 转正."""
    lacking = " OR ".join(f"{name} IS NULL" for name in _ASKED)
    full = "(category = '正式党员' AND full_on IS NULL)"
    return _grouped(field, f"SELECT branch_id, id FROM member WHERE {lacking} OR {full} ORDER BY id")


def wrong_ids(field: Field) -> dict[int, list[int]]:
    """Branch -> members whose number fails its check digit; entry refuses such, other programs may not."""
    sql = "SELECT branch_id, id, id_number FROM member WHERE id_number IS NOT NULL ORDER BY id"
    found: dict[int, list[int]] = defaultdict(list)
    for branch, member, number in field.connection.exec_driver_sql(sql):
        try:
            IdNumber().parse(number)
        except ValueProblem:
            found[branch].append(member)
    return found


def _grouped(field: Field, sql: str) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for branch, member in field.connection.exec_driver_sql(sql):
        found[branch].append(member)
    return found
