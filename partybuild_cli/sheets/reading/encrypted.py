"""Encrypted workbooks (加密的工作簿): opened with the password given, or refused with a sentence."""

import re
from io import BytesIO
from typing import Final

from partybuild_cli.sheets.reading.workbook import Refused

MAX_SPINS: Final = 1_000_000
"""Rounds of hashing a password; programs use 100,000, and a hostile file could ask for days."""

_READ_ONLY_PASSWORD: Final = "VelvetSweatshop"
"""Excel encrypts with it what is only protected against changes, and opens that without asking."""


def unlocked(data: bytes, info: bytes, password: str | None) -> bytes:
    """The decrypted workbook; `data` is an encrypted .xls, or an encrypted OOXML package with its `EncryptionInfo`."""
    spins = re.search(rb'spinCount="(\d+)"', info)
    if spins and int(spins[1]) > MAX_SPINS:
        raise Refused("的加密设置不正常，已拒绝打开；请在表格软件里取消密码再导入。")
    for candidate in (_READ_ONLY_PASSWORD, password):
        opened = _opened(data, candidate) if candidate else None
        if opened is not None:
            return opened
    if password is None:
        raise Refused("设有打开密码；请用 --password-file 给出密码，或先在表格软件里取消密码再导入。")
    raise Refused("的打开密码不对；请检查 --password-file 里的密码，或在表格软件里取消密码。")


def _opened(data: bytes, password: str) -> bytes | None:
    """The decrypted bytes, or None where the password does not fit."""
    import msoffcrypto
    from msoffcrypto.exceptions import InvalidKeyError

    result = BytesIO()
    try:
        file = msoffcrypto.OfficeFile(BytesIO(data))
        if file.format == "ooxml":
            file.load_key(password=password, verify_password=True)
        else:
            file.load_key(password=password)
        file.decrypt(result)
    except InvalidKeyError:
        return None
    except Exception:
        # A damaged header makes the library stumble in any way (struct, key, OS and crypto errors).
        raise Refused("的加密方式无法识别，或文件已损坏；请在表格软件里取消密码，另存为 .xlsx。") from None
    return result.getvalue()
