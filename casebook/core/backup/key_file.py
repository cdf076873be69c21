"""The backup key pair: the public half for CASEBOOK_BACKUP_KEY, the private half in a file under a passphrase. Pure.

The file is JSON: {"casebook": "backup-key", "version": 1, "public": base64, "argon2": {passes, memory, lanes},
"salt": base64, "sealed": base64 of the 96-byte HPKE seed sealed under Argon2id of the passphrase}.
"""

import json
import os
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from casebook.core.backup.errors import BackupRefusedError
from casebook.core.encoding import ctx
from casebook.core.errors import IntegrityError
from casebook.core.key_derivation import Argon2Cost, checked_cost, key_from_passphrase, new_salt
from casebook.core.sealing import seal, unseal
from casebook.core.wrapping import PrivateKeys, hpke_private_key, hpke_seal

PUBLIC_LENGTH = 1216
_NAME, _VERSION = "backup-key", 1
_LONGEST_FILE = 64 * 1024


@dataclass(frozen=True, slots=True, repr=False)
class BackupKey:
    """The opened private half, and the public half that belongs to it."""

    private: MLKEM768X25519PrivateKey
    public: bytes


def public_from_setting(text: str) -> bytes:
    """The public half from its base64; raises BackupRefusedError when there is none or it is none."""
    if not text:
        raise BackupRefusedError(
            "There is no backup key yet. Run `manage.py backup_key FILE` on a machine that is not the server, keep "
            "FILE there, and put the line that it prints into the environment of the server."
        )
    try:
        public = b64decode(text, validate=True)
        if len(public) == PUBLIC_LENGTH:
            hpke_seal(public, b"", info=b"check")  # refuses what has the length of a key and is none
            return public
    except (ValueError, IntegrityError):
        pass
    raise BackupRefusedError("CASEBOOK_BACKUP_KEY is not what `manage.py backup_key` printed. Copy the line again.")


def write_new(path: Path, passphrase: str, cost: Argon2Cost) -> bytes:
    """Make a key pair, write its private half to a new file with mode 0600, and return the public half."""
    keys = PrivateKeys.generate()
    public, salt = keys.public().hpke, new_salt()
    context = ctx(_NAME, public)
    kek = key_from_passphrase(passphrase, salt=salt, cost=cost, context=context)
    content = {
        "casebook": _NAME,
        "version": _VERSION,
        "public": _text(public),
        "argon2": cost.as_params(),
        "salt": _text(salt),
        "sealed": _text(seal(kek, keys.hpke, context=context)),
    }
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise BackupRefusedError(f"{path} exists already. Name a new file.") from None
    except OSError as problem:
        raise BackupRefusedError(f"{path} cannot be written: {problem.strerror}.") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(json.dumps(content, indent=1) + "\n")
        out.flush()
        os.fsync(out.fileno())
    return public


def open_file(path: Path, passphrase: str, *, floor: Argon2Cost) -> BackupKey:
    """Open a private half; raises BackupRefusedError for another file, a damaged one and a wrong passphrase."""
    content = _content(path)
    try:
        public, salt, sealed = (b64decode(content[name], validate=True) for name in ("public", "salt", "sealed"))
        cost = checked_cost(content["argon2"], floor=floor)
    except (KeyError, TypeError, AttributeError, ValueError, IntegrityError):
        raise _no_key(path) from None
    context = ctx(_NAME, public)
    kek = key_from_passphrase(passphrase, salt=salt, cost=cost, context=context)
    try:
        return BackupKey(hpke_private_key(unseal(kek, sealed, context=context)), public)
    except IntegrityError:
        raise BackupRefusedError(
            f"That passphrase did not open {path}. Check the keyboard layout and try again; if you are sure of it, the "
            "file was changed: take another copy."
        ) from None


def _content(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as source:
            content = json.loads(source.read(_LONGEST_FILE))
    except OSError as problem:
        raise BackupRefusedError(f"{path} cannot be read: {problem.strerror}.") from None
    except (ValueError, RecursionError):
        raise _no_key(path) from None
    if not isinstance(content, dict) or (content.get("casebook"), content.get("version")) != (_NAME, _VERSION):
        raise _no_key(path)
    return content


def _no_key(path: Path) -> BackupRefusedError:
    return BackupRefusedError(f"{path} is not a private backup key, or it is damaged.")


def _text(value: bytes) -> str:
    return b64encode(value).decode()
