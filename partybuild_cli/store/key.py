"""The key of encrypted books (密钥): a passphrase, stretched once for every salt; it is never shown and never written.

A key is stretched as SQLCipher 4 does it by default, so every program that knows SQLCipher opens the file with the same
passphrase; stretching it here rather than there costs once a command, not once a connection.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from partybuild_cli import effects
from partybuild_cli.errors import UsageFault

#: The first bytes of an encrypted file.
SALT = 16
ROUNDS, _BYTES = 256_000, 32


@dataclass(frozen=True, slots=True, repr=False)
class Lock:
    """How one file is locked: what SQLCipher takes for its key, stretched key and salt; None for a plain file."""

    secret: str | None


PLAIN = Lock(None)


class Key:
    """A passphrase."""

    def __init__(self, words: str) -> None:
        self._words = words.encode("utf8", "surrogateescape")

    def lock(self, salt: bytes) -> Lock:
        """What opens a file that begins with `salt`."""
        stretched = hashlib.pbkdf2_hmac("sha512", self._words, salt, ROUNDS, _BYTES)
        return Lock(f"x'{stretched.hex()}{salt.hex()}'")


class KeyRing:
    """The locks that this command can open; its key is asked for when the first encrypted file is met."""

    def __init__(self, ask: Callable[[Path], Key]) -> None:
        self._ask = ask
        self._key: Key | None = None
        self._locks: dict[bytes, Lock] = {}

    def lock(self, path: Path, salt: bytes) -> Lock:
        """The lock of a file that begins with `salt`: one made by this command, else one that its key should open."""
        if salt not in self._locks:
            self._key = self._key or self._ask(path)
            self._locks[salt] = self._key.lock(salt)
        return self._locks[salt]

    def open_with(self, key: Key, salt: bytes) -> None:
        """Open the file that begins with `salt` with a key of its own."""
        self._locks[salt] = key.lock(salt)

    def new_lock(self, key: Key) -> Lock:
        """A lock for a file that is yet to be made."""
        salt = secrets.token_bytes(SALT)
        self._locks[salt] = key.lock(salt)
        return self._locks[salt]


def nobody(path: Path) -> Key:
    """Where no key can be had."""
    raise UsageFault(
        f"{path} 是加密的，要有密钥才能打开。请用 --key-file 指定密钥文件，或设置环境变量 PARTYBUILD_KEY_FILE；在终端里会询问。"
    )


def _asked(path: Path) -> Key:
    said = effects.passphrase_of(path)
    return Key(said) if said else nobody(path)


_ring, _run = KeyRing(_asked), effects.so_far()


def use(ring: KeyRing) -> None:
    """Open the files of this run with another ring."""
    global _ring, _run
    _ring, _run = ring, effects.so_far()


def ring() -> KeyRing:
    """The ring of this run; it asks whoever talks with people."""
    if _run is not effects.so_far():
        use(KeyRing(_asked))
    return _ring
