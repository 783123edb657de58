"""Every failure that a user can cause, each with its sentence and its exit code (出错与退出码).

The sentence is Simplified Chinese and says what is wrong, where, and what to do next; it never holds a whole ID
number. The command line prints it and ends with `exit_code`, so no other room decides how a failure looks.
"""

import errno
import os
import re

_REASONS = {
    errno.ENOENT: "没有这个位置",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "磁盘是只读的",
    errno.ENOSPC: "磁盘已满",
    errno.EFBIG: "文件太大",
    errno.EIO: "磁盘读写出错",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EISDIR: "那是一个文件夹",
    errno.EEXIST: "已有同名的文件",
    errno.ENAMETOOLONG: "名称太长",
    errno.ELOOP: "链接绕成了圈",
    errno.EBUSY: "正被占用",
    errno.EBADF: "已关闭",
    errno.EINVAL: "名称里有系统不允许的字符",
    errno.EXDEV: "跨了两个磁盘",
    errno.ENOTEMPTY: "文件夹不是空的",
    errno.ETIMEDOUT: "网络盘没有回应",
}


#: What no name on Windows may hold; `"` is what is left of a folder typed as "D:\\归档\\".
_NO_NAME = re.compile(r'[<>"|?*\x00-\x1f]')


def why(fault: OSError) -> str:
    """What the system says of a file or folder, in Chinese. Of such a name Windows says many things, none of them helpful."""
    wrong = _NO_NAME.search(str(fault.filename or "").removeprefix("\\\\?\\")) if os.name == "nt" else None
    if wrong:
        return f"Windows 的文件名里不能有 {wrong[0]}；引号前的反斜杠请去掉"
    return _REASONS.get(fault.errno or 0, fault.strerror or str(fault))


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
