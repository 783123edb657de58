"""Every failure that a user can cause, each with its sentence and its exit code (出错与退出码).

The sentence is Simplified Chinese and says what is wrong, where, and what to do next; it never holds a whole ID
number. The command line prints it and ends with `exit_code`, so no other room decides how a failure looks.
"""

import errno
import os
import re

#: What the system's codes mean, under their names: not every system has all of them.
_NAMED = {
    "没有这个位置": "ENOENT", "没有权限": "EACCES EPERM", "磁盘是只读的": "EROFS", "磁盘已满": "ENOSPC", "超过了磁盘配额": "EDQUOT",
    "文件太大": "EFBIG", "磁盘读写出错": "EIO EREMOTEIO EUCLEAN", "路径中有一段不是文件夹": "ENOTDIR", "那是一个文件夹": "EISDIR",
    "已有同名的文件": "EEXIST", "名称太长": "ENAMETOOLONG", "链接绕成了圈": "ELOOP", "正被占用": "EBUSY ETXTBSY EAGAIN EDEADLK",
    "已关闭": "EBADF EPIPE", "名称里有系统不允许的字符": "EINVAL EILSEQ", "跨了两个磁盘": "EXDEV", "文件夹不是空的": "ENOTEMPTY",
    "打开的文件太多，请关掉别的程序": "EMFILE ENFILE", "内存不够，请关掉别的程序": "ENOMEM",
    "这种磁盘不支持": "ENOTSUP EOPNOTSUPP ENOSYS ENOLCK EMLINK", "磁盘或 U 盘没有接好": "ENODEV ENXIO ENOMEDIUM",
    "网络盘没有回应": "ETIMEDOUT EHOSTDOWN EHOSTUNREACH ENETDOWN ENETUNREACH", "网络盘断开了": "ESTALE ENOTCONN ECONNRESET ECONNREFUSED",
}  # fmt: skip
_REASONS = {getattr(errno, name, 0): text for text, names in _NAMED.items() for name in names.split()}
#: The same of Windows, where Python calls most of them 没有权限.
_WINDOWS = {
    "磁盘是只读的": (19,), "磁盘或 U 盘没有接好": (15, 20, 21, 31, 433, 1006, 1110, 1112, 1167), "磁盘读写出错": (23, 1117, 1392),
    "正被别的程序打开": (32, 33), "网络盘没有接上": (51, 53, 65, 67, 1203, 1222, 1231, 1232), "网络盘断开了": (55, 59, 64),
    "磁盘已满": (39, 112),
}  # fmt: skip


#: What no name on Windows may hold; `"` is what is left of a folder typed as "D:\\归档\\".
_NO_NAME = re.compile(r'[<>"|?*\x00-\x1f]')


def why(fault: OSError) -> str:
    """What the system says of a file or folder, in Chinese. Of such a name Windows says many things, none of them helpful."""
    wrong = _NO_NAME.search(str(fault.filename or "").removeprefix("\\\\?\\")) if os.name == "nt" else None
    if wrong:
        return f"Windows 的文件名里不能有 {wrong[0]}；引号前的反斜杠请去掉"
    of_windows = (text for text, codes in _WINDOWS.items() if getattr(fault, "winerror", None) in codes)
    return next(of_windows, None) or _REASONS.get(fault.errno or -1, fault.strerror or str(fault))


class PartybuildError(Exception):
    """Base of all failures that are the user's to mend."""

    exit_code = 3

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class UsageFault(PartybuildError):
    """The command line itself is wrong."""

    exit_code = 2


class NotFound(PartybuildError):
    """A record, file or database does not exist."""


class Unfit(PartybuildError):
    """A record, file or database exists but is not what it should be."""


class InputProblems(PartybuildError):
    """The input has problems; nothing was written."""

    exit_code = 4


class Busy(PartybuildError):
    """The database is in use, or the disk refused; nothing was written."""

    exit_code = 5


class ValueProblem(Exception):
    """One value that cannot be understood; the caller knows in which cell or option it stood."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
