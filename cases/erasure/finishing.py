"""What an erasure leaves to do outside its transaction: files, free pages of the database, and whatever came back."""

from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from accounts.actor import Operator
from casebook.core import ledger
from casebook.core.uploads import stored_path
from cases.erasure.destruction import belongings, destroy_keys, evidence_ids, has_leftovers, purge
from cases.erasure.records import Erasure, ErasureState
from cases.models import Case, Compartment, EpochLink, KeyWrap, Person


def finish(erasure_id: UUID) -> bool:
    """Delete the files of an erasure and free its pages; whether nothing is left to do.

    Called right after the erasure's transaction. What cannot be done then, because somebody reads the database at that
    moment, `manage.py finish_erasures` does later.
    """
    row = Erasure.objects.get(pk=erasure_id)
    for file_id in row.files:
        stored_path(UUID(file_id)).unlink(missing_ok=True)
    if not vacuum():
        return False
    Erasure.objects.filter(pk=row.pk).update(files=[], finished_at=timezone.now())
    return True


def finish_all() -> list[Erasure]:
    """Erase again what came back, finish what is unfinished; returns what still is.

    Rows of an erased case come back when older data are restored, or by a write that was under way at the moment.
    """
    done = Erasure.objects.filter(state=ErasureState.DONE)
    for row in done.select_related("case__organisation", "decided_by").order_by("decided_at"):
        _erase_again(row)
    return [row for row in done.filter(finished_at=None).select_related("case") if not finish(row.pk)]


@transaction.atomic
def _erase_again(row: Erasure) -> None:
    if not (_case_again(row) if row.subject is None else _person_again(row.subject)):
        return
    row.finished_at = None
    row.save(update_fields=["files", "finished_at"])
    ledger.record("erasure.erase_again", actor=Operator(row.case.organisation), target=row)


def _case_again(row: Erasure) -> bool:
    case = Case.objects.select_for_update().get(pk=row.case_id)
    if not has_leftovers(case) or row.decided_by is None:
        return False
    row.files = evidence_ids(case.pk)
    destroy_keys(case)
    purge(case, by=row.decided_by)
    return True


def _person_again(person_id: UUID) -> bool:
    live, versions = Person.objects.filter(pk=person_id), Person.history.filter(id=person_id)
    found = live.exists() or versions.exists()
    live.delete()
    versions.delete()
    return found


def vacuum() -> bool:
    """Free the pages of deleted rows for good; whether that was possible now. Never inside a transaction.

    SQLite: the file is written anew and the write-ahead log cut to nothing, which a reader at the same moment prevents;
    `secure_delete` has overwritten the rows before. PostgreSQL: the tables are vacuumed; its write-ahead log keeps old
    pages until it is recycled (docs/operations.md).
    """
    if connection.in_atomic_block:
        return False
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("VACUUM")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                busy: int = cursor.fetchone()[0]
                return not busy
            for table in touched_tables():
                cursor.execute(f"VACUUM {connection.ops.quote_name(table)}")
    except OperationalError:
        return False
    return True


def touched_tables() -> list[str]:
    """Every table from which erasing deletes rows, or whose rows it empties."""
    models = [Case, KeyWrap, EpochLink, Compartment, *(model for model, _attname in belongings())]
    histories = [model.history.model for model in models if hasattr(model, "history")]
    return sorted({model._meta.db_table for model in (*models, *histories)})
