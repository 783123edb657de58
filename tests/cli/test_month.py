"""The month of the manual: three ways into the book that say the same, with less typing than Excel alone."""

from tests.cli.month import kept, measured, table


def test_every_way_records_the_same_month_with_less_typing_than_excel():
    counted = measured()  # which compares the books
    assert table(counted) == kept(), "python -m tests.cli.month --write"
    alone = counted["只用 Excel（估算）"]
    assert all(counted[way] < alone for way in ("菜单", "命令，用 Tab 补全", "填空白台账再导入"))
