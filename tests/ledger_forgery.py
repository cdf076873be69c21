"""What somebody does to the ledger who can write to the database and has the key of its chain."""

from casebook.core import ledger, ledger_tree
from casebook.core.models import AuditEvent, LedgerHead, LedgerNode


def change(seq: int) -> None:
    """Say that an event was at another time; nothing else."""
    AuditEvent.objects.filter(seq=seq).update(at="2020-01-01T00:00:00.000000+00:00")


def recompute(seq: int) -> None:
    """Make leaves, chain, kept hashes and head fit again from an event on."""
    chain = bytes(AuditEvent.objects.get(seq=seq - 1).chain)
    for event in AuditEvent.objects.filter(seq__gte=seq).order_by("seq"):
        info = ledger_tree.event_info(event.organisation, event.seq, event.at, bytes(event.commitment))
        event.leaf = ledger_tree.event_leaf(info)
        chain = event.chain = ledger.chain_link(chain, bytes(event.leaf), bytes(event.sealed_digest))
        event.save()
    _end_at(AuditEvent.objects.count(), chain)


def cut(count: int) -> None:
    """Take the last events away, and make the ledger end before them."""
    size = AuditEvent.objects.count() - count
    AuditEvent.objects.filter(seq__gte=size).delete()
    _end_at(size, bytes(AuditEvent.objects.get(seq=size - 1).chain))


def _end_at(size: int, chain: bytes) -> None:
    LedgerHead.objects.update(size=size, chain=chain)
    LedgerNode.objects.all().delete()
    for full in range(ledger_tree.BLOCK, size + 1, ledger_tree.BLOCK):
        ledger_tree.keep_full_subtrees(full)
