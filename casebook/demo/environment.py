"""Writes `var/casebook.env` with fresh secrets for the demonstration, once. Needs nothing but Python."""

import os
from base64 import b64encode
from pathlib import Path

_SECRETS = ("CASEBOOK_SECRET_KEY", "CASEBOOK_LEDGER_KEY", "CASEBOOK_SECOND_FACTOR_KEY")
ENVIRONMENT_FILE = Path("var") / "casebook.env"


def write_environment(path: Path) -> bool:
    """Write the file with mode 0600 unless it is there; returns whether it was written."""
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ["CASEBOOK_DEMO=yes", *(f"{name}={b64encode(os.urandom(48)).decode()}" for name in _SECRETS)]
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write("\n".join(lines) + "\n")
    return True


if __name__ == "__main__":
    write_environment(ENVIRONMENT_FILE)
