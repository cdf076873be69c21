"""Backups as deeds of the server: each is in the ledger of every organisation whose cases it holds."""

from pathlib import Path

from accounts.actor import Operator
from accounts.models import Organisation
from casebook.core import ledger
from casebook.core.backup.errors import BackupRefusedError
from casebook.core.backup.making import Backup
from casebook.core.backup.making import make_backup as make
from casebook.core.backup.restoring import Pair, Restored
from casebook.core.backup.restoring import restore as bring_back
from casebook.core.backup.sealed_file import Head
from casebook.core.ledger_verification import first_fault


def make_backup(folder: Path, public_key: bytes) -> Backup:
    """Write both parts and a ledger entry for every organisation; raises BackupRefusedError, nothing half done."""

    def witness(done: Backup) -> None:
        _record("backup.make", backup_of=_moment(done.data.head))

    return make(folder, public_key, witness=witness)


def restore(pair: Pair, *, ledger_as_it_is: bool = False) -> Restored:
    """Fill an empty machine and say so in every ledger; raises BackupRefusedError, nothing half done.

    A ledger that does not verify here is refused, unless it is to be taken `ledger_as_it_is`.
    """

    def witness(restored: Restored) -> None:
        if not ledger_as_it_is:
            _require_whole_ledger()
        keys_of = _moment(restored.pair.keys.head)
        _record(
            "backup.restore", backup_of=_moment(restored.pair.data.head), keys_of=keys_of, left_out=restored.dropped
        )

    return bring_back(pair, witness=witness)


def _moment(head: Head) -> str:
    return head.made_at.isoformat(sep=" ", timespec="seconds")


def _require_whole_ledger() -> None:
    fault = first_fault()
    if fault is not None:
        raise BackupRefusedError(
            f"The ledger of the backup does not verify here (event {fault.seq}: {fault.what}). Give this machine the "
            "CASEBOOK_LEDGER_KEY of the old one. If the ledger was damaged before, say --ledger-as-it-is."
        )


def _record(action: str, **details: str | int) -> None:
    for organisation in Organisation.objects.order_by("id"):
        ledger.record(action, actor=Operator(organisation), target=organisation, **details)
