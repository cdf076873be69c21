"""Key wraps: making one for a recipient, and coming from the wraps a person holds to open compartments."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from accounts.actor import Actor
from accounts.certificates import certified_signing_key
from accounts.keyring import KeyPair, Keys
from accounts.models import UserKey
from casebook.core.encoding import ctx
from casebook.core.errors import ErasedError, NoKeyError
from casebook.core.sealing import seal, unseal
from casebook.core.wrapping import WrapPlace, unwrap, verify, wrap, wrap_statement
from cases.compartments import OpenCompartment
from cases.models import Case, Compartment, KeyWrap, RecipientKind


class Holder(NamedTuple):
    """Somebody for whom wraps are made and who can open them now."""

    kind: RecipientKind
    id: UUID
    epoch: int
    pair: KeyPair
    hpke_public: bytes


class Recipient(NamedTuple):
    """Somebody for whom a wrap is to be made; whoever names one has verified the public key."""

    kind: RecipientKind
    id: UUID
    epoch: int
    hpke_public: bytes


class _HeldWrap(NamedTuple):
    """A stored wrap of the reader's with its compartment, without the long columns."""

    id: UUID
    kind: str
    recipient: UUID
    recipient_epoch: int
    epoch: int
    checked: bytes | None
    compartment: UUID
    case: UUID
    name: str
    current_epoch: int
    rekey_pending: bool
    shredded: bool


_COLUMNS = (
    *("id", "kind", "recipient", "recipient_epoch", "epoch", "checked", "compartment_id"),
    *(f"compartment__{name}" for name in ("case_id", "name", "epoch", "rekey_pending", "shredded")),
)


def holders(actor: Actor) -> list[Holder]:
    """As whom the actor can open wraps."""
    keys = actor.require_keys()
    return [Holder(RecipientKind.USER, actor.user.id, keys.epoch, keys.pair, keys.public.hpke)]


def open_compartments(actor: Actor, case: Case, names: Iterable[str]) -> dict[str, OpenCompartment]:
    """The named compartments of a case that the actor holds a key for.

    Raises ErasedError, NoKeyError for a wrap of another epoch, IntegrityError and UnconfirmedKeyError for one that its
    signer did not make.
    """
    held = _held_wraps(actor, [case], names)
    if any(each.shredded for each in held):
        raise ErasedError
    return {opened.name: opened for opened in _open(actor, {case.id: case}, held)}


def open_in_each(actor: Actor, cases: Iterable[Case], name: str) -> dict[UUID, OpenCompartment]:
    """One compartment of each of many cases, by case, where the actor holds its key; erased ones are left out."""
    by_id = {case.id: case for case in cases}
    held = [each for each in _held_wraps(actor, by_id.values(), (name,)) if not each.shredded]
    return {opened.row.case_id: opened for opened in _open(actor, by_id, held)}


def _held_wraps(actor: Actor, cases: Iterable[Case], names: Iterable[str]) -> list[_HeldWrap]:
    rows = KeyWrap.objects.filter(
        recipient__in=[holder.id for holder in holders(actor)],
        compartment__case__in=[case.id for case in cases],
        compartment__name__in=tuple(names),
    ).values_list(*_COLUMNS)
    return [_HeldWrap(*row) for row in rows]


def _open(actor: Actor, cases: Mapping[UUID, Case], held: Sequence[_HeldWrap]) -> Iterable[OpenCompartment]:
    known = {(holder.kind.value, holder.id): holder for holder in holders(actor)}
    organisations = {each.id: cases[each.case].organisation_id for each in held}
    unchecked = []
    for each in held:
        holder = known[each.kind, each.recipient]
        if each.epoch != each.current_epoch or each.recipient_epoch != holder.epoch:
            raise NoKeyError
        if each.checked is None:
            unchecked.append(each)
    fresh = _check(actor, known, unchecked, organisations)
    for each in held:
        key = fresh.get(each.id) or _reopen(known[each.kind, each.recipient], each, organisations[each.id])
        yield OpenCompartment(_compartment(each), organisations[each.id], {each.epoch: key})


def _compartment(held: _HeldWrap) -> Compartment:
    return Compartment(
        id=held.compartment,
        case_id=held.case,
        name=held.name,
        epoch=held.current_epoch,
        rekey_pending=held.rekey_pending,
        shredded=held.shredded,
    )


def _reopen(holder: Holder, held: _HeldWrap, organisation: UUID) -> bytes:
    """The key of a wrap that this holder has opened before."""
    place = _place(held, organisation, holder)
    return unseal(holder.pair.own_key, held.checked or b"", context=_checked_context(place, holder.hpke_public))


def _check(
    actor: Actor,
    known: Mapping[tuple[str, UUID], Holder],
    unchecked: Sequence[_HeldWrap],
    organisations: Mapping[UUID, UUID],
) -> dict[UUID, bytes]:
    """Check who signed each wrap, open it, and keep its key sealed under the holder's own; the keys by wrap."""
    if not unchecked:
        return {}
    keys = actor.require_keys()
    rows = {row.id: row for row in KeyWrap.objects.filter(pk__in=[each.id for each in unchecked])}
    signing = _signing_keys(keys, {row.signer_id for row in rows.values()})
    opened = {}
    for each in unchecked:
        row, holder = rows[each.id], known[each.kind, each.recipient]
        place = _place(each, organisations[each.id], holder)
        info, blob = place.info(holder.hpke_public), bytes(row.blob)
        verify(signing[row.signer_id], bytes(row.signature), wrap_statement(info, blob))
        opened[each.id] = unwrap(holder.pair.private, blob, info=info)
        row.checked = _checked(holder, place, opened[each.id])
    KeyWrap.objects.bulk_update(rows.values(), ["checked"])
    return opened


def _signing_keys(keys: Keys, signers: set[UUID]) -> dict[UUID, bytes]:
    """Verified signing keys. Own wraps are checked with the own key, others' only after their certificate."""
    others = UserKey.objects.filter(pk__in=signers - {keys.key_id}).select_related("user", "signer__user")
    found = {row.id: certified_signing_key(keys, row) for row in others}
    return found | {keys.key_id: keys.public.signing}


def _place(held: _HeldWrap, organisation: UUID, holder: Holder) -> WrapPlace:
    return WrapPlace(
        organisation=organisation,
        case=held.case,
        compartment=held.compartment,
        compartment_name=held.name,
        epoch=held.epoch,
        recipient_kind=holder.kind,
        recipient=holder.id,
        recipient_epoch=holder.epoch,
    )


def _checked_context(place: WrapPlace, hpke_public: bytes) -> bytes:
    return ctx("checked-wrap", place.info(hpke_public))


def _checked(holder: Holder, place: WrapPlace, key: bytes) -> bytes:
    return seal(holder.pair.own_key, key, context=_checked_context(place, holder.hpke_public))


def make_wrap(actor: Actor, opened: OpenCompartment, recipient: Recipient) -> KeyWrap:
    """An unsaved, signed wrap of a compartment's present key for one recipient."""
    keys = actor.require_keys()
    row = opened.row
    place = WrapPlace(
        organisation=opened.organisation,
        case=row.case_id,
        compartment=row.id,
        compartment_name=row.name,
        epoch=row.epoch,
        recipient_kind=recipient.kind,
        recipient=recipient.id,
        recipient_epoch=recipient.epoch,
    )
    info = place.info(recipient.hpke_public)
    blob = wrap(recipient.hpke_public, opened.current_key(), info=info)
    mine = [holder for holder in holders(actor) if (holder.kind, holder.id) == (recipient.kind, recipient.id)]
    return KeyWrap(
        compartment=row,
        epoch=row.epoch,
        kind=recipient.kind,
        recipient=recipient.id,
        recipient_epoch=recipient.epoch,
        blob=blob,
        signer_id=keys.key_id,
        signature=keys.sign(wrap_statement(info, blob)),
        checked=_checked(mine[0], place, opened.current_key()) if mine else None,
    )
