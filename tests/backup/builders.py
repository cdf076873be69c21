"""What backup tests start from: a backup key, both parts of a world, and a machine that is empty again."""

from base64 import b64encode
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from shutil import rmtree

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from casebook.core.backup.key_file import BackupKey, open_file, write_new
from casebook.core.backup.parts import MADE_BY_MIGRATE, all_models
from casebook.core.key_derivation import Argon2Cost

KEY_PASSPHRASE = "the passphrase of the backup key alone"
CHEAP = Argon2Cost(passes=1, memory=64, lanes=1)


@dataclass(frozen=True)
class Desk:
    """A backup key and a folder for parts, as whoever runs the server has them."""

    folder: Path
    key_file: Path
    public: bytes

    @property
    def key(self) -> BackupKey:
        return open_file(self.key_file, KEY_PASSPHRASE, floor=CHEAP)

    def parts(self) -> tuple[Path, Path]:
        """The newest data part and the newest key part."""
        return max(self.folder.glob("data-*.casebook")), max(self.folder.glob("keys-*.casebook"))


def new_desk(folder: Path) -> Desk:
    folder.mkdir(parents=True)
    key_file = folder / "backup-key.json"
    public = write_new(key_file, KEY_PASSPHRASE, CHEAP)
    settings.CASEBOOK_BACKUP_KEY = b64encode(public).decode()
    return Desk(folder / "parts", key_file, public)


def back_up(desk: Desk, *options: str, to: Path | None = None) -> str:
    """Run `manage.py backup` into the desk's folder or another one; returns what it printed."""
    out = StringIO()
    call_command("backup", "--to", str(to or desk.folder), *options, stdout=out)
    return out.getvalue()


def run_restore(desk: Desk, *options: str, data: Path | None = None, keys: Path | None = None) -> str:
    """Run `manage.py restore` with the newest parts, or the ones given; returns what it printed."""
    newest = desk.parts()
    out = StringIO()
    call_command(
        "restore",
        *("--data", str(data or newest[0]), "--keys", str(keys or newest[1]), "--key", str(desk.key_file), *options),
        stdout=out,
    )
    return out.getvalue()


def burn_down() -> None:
    """Empty every table and the evidence folder: the server is gone, a new one has just been migrated."""
    quote = connection.ops.quote_name
    tables = [quote(model._meta.db_table) for model in all_models() if model not in MADE_BY_MIGRATE]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"TRUNCATE {', '.join(tables)}")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        else:
            for table in tables:
                cursor.execute(f"DELETE FROM {table}")  # noqa: S608 (our own tables)
    rmtree(settings.CASEBOOK_EVIDENCE_DIR, ignore_errors=True)
