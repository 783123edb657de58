"""Why SQLite refused, in words for a clerk (数据库拒绝的原因)."""

from pathlib import Path

from partybuild_cli.errors import Unfit

#: The disk will not: nothing was written.
REFUSALS = {"readonly": "只读，不能写入", "full": "磁盘已满", "unable to open": "打不开文件", "I/O": "磁盘读写出错"}
#: The file is not what it should be.
DAMAGE = {"not a database": "内容不是数据库", "malformed": "内容损坏", "no such": "缺少应有的表或列"}


def reason(fault: object) -> str:
    """The reason in Chinese where it is one of the known ones, else as SQLite says it."""
    words = str(fault)
    return next((said for key, said in (REFUSALS | DAMAGE).items() if key in words), words)


def unreadable(path: Path, fault: object) -> Unfit:
    """What to say of a file that cannot be read. To SQLCipher a wrong key and a file that is damaged look the same."""
    if type(fault).__module__.startswith("sqlcipher3") and "not a database" in str(fault):
        return Unfit(
            f"用这个密钥打不开 {path}：密钥不对，或者它已损坏、不是加密的数据库，程序分不出。没有改动任何内容。"
            "请核对密钥；密钥没有错，再用 partybuild restore 从备份恢复。"
        )
    return Unfit(f"{path} 已损坏或不是数据库（{reason(fault)}）。请用 partybuild restore 从备份恢复。")
