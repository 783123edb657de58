"""Why SQLite refused, in words for a clerk (数据库拒绝的原因)."""

#: The disk will not: nothing was written.
REFUSALS = {"readonly": "只读，不能写入", "full": "磁盘已满", "unable to open": "打不开文件", "I/O": "磁盘读写出错"}
#: The file is not what it should be.
DAMAGE = {"not a database": "内容不是数据库", "malformed": "内容损坏", "no such": "缺少应有的表或列"}


def reason(fault: object) -> str:
    """The reason in Chinese where it is one of the known ones, else as SQLite says it."""
    words = str(fault)
    return next((said for key, said in (REFUSALS | DAMAGE).items() if key in words), words)
