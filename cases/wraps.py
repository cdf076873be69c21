"""Key wraps: making one for a recipient, and coming from the wraps a person holds to open compartments."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from django.db.models import F, Q, QuerySet

from accounts.actor import Actor
from accounts.certificates import certified_signing_key
from accounts.keyring import KeyPair, Keys
from accounts.models import UserKey
from accounts.teams import team_keys
from casebook.core.encoding import ctx
from casebook.core.errors import ErasedError, NoKeyError
from casebook.core.sealing import seal, unseal
from casebook.core.wrapping import WrapPlace, unwrap, verify, wrap, wrap_statement
from cases.compartments import OpenCompartment
from cases.erasure.notice import erased_until
from cases.models import Case, Compartment, KeyWrap, RecipientKind

_HolderName = tuple[str, UUID, int]


class Holder(NamedTuple):
    """Somebody for whom wraps are made and who can open them now."""

    kind: str
    id: UUID
    epoch: int
    pair: KeyPair
    hpke_public: bytes

    @property
    def name(self) -> _HolderName:
        return self.kind, self.id, self.epoch


class Recipient(NamedTuple):
    """Somebody for whom a wrap is to be made; whoever names one has verified the public key."""

    kind: str
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

    @property
    def holder(self) -> _HolderName:
        return self.kind, self.recipient, self.recipient_epoch


_COLUMNS = (
    *("id", "kind", "recipient", "recipient_epoch", "epoch", "checked", "compartment_id"),
    *(f"compartment__{name}" for name in ("case_id", "name", "epoch", "rekey_pending", "shredded")),
)


def holders(actor: Actor) -> list[Holder]:
    """As whom the actor can open wraps: themselves, and every epoch of every team whose key they hold."""
    keys = actor.require_keys()
    teams = (
        Holder(RecipientKind.TEAM, team, epoch, pair, pair.public) for (team, epoch), pair in team_keys(actor).items()
    )
    return [Holder(RecipientKind.USER, actor.user.id, keys.epoch, keys.pair, keys.public.hpke), *teams]


def openable_wraps(actor: Actor) -> QuerySet[KeyWrap]:
    """Every wrap that the actor can open."""
    mine = Q()
    for holder in holders(actor):
        mine |= Q(kind=holder.kind, recipient=holder.id, recipient_epoch=holder.epoch)
    return KeyWrap.objects.filter(mine, epoch=F("compartment__epoch"))


def open_compartments(actor: Actor, case: Case, names: Iterable[str]) -> dict[str, OpenCompartment]:
    """The named compartments of a case that the actor holds a key for.

    Raises ErasedError, NoKeyError for a wrap of another epoch, IntegrityError and UnconfirmedKeyError for one that its
    signer did not make.
    """
    held, outdated = _held_wraps(actor, [case], names)
    if outdated:
        raise NoKeyError
    if any(each.shredded for each in held):
        raise ErasedError(erased_until(case.id))
    return {opened.name: opened for opened in _open(actor, {case.id: case}, held)}


def open_in_each(actor: Actor, cases: Iterable[Case], name: str) -> dict[UUID, OpenCompartment]:
    """One compartment of each of many cases, by case, where the actor holds its present key; none of those erased."""
    by_id = {case.id: case for case in cases}
    found, _outdated = _held_wraps(actor, by_id.values(), (name,))
    held = [each for each in found if not each.shredded]
    return {opened.row.case_id: opened for opened in _open(actor, by_id, held)}


def _held_wraps(actor: Actor, cases: Iterable[Case], names: Iterable[str]) -> tuple[list[_HeldWrap], set[UUID]]:
    """One wrap for each compartment: made for the actor by name if there is one, else for a team of theirs.

    With them the compartments of which every wrap is of another epoch than the compartment or its recipient.
    """
    known = {holder.name for holder in holders(actor)}
    rows = KeyWrap.objects.filter(
        recipient__in={holder for _kind, holder, _epoch in known},
        compartment__case__in=[case.id for case in cases],
        compartment__name__in=tuple(names),
    ).values_list(*_COLUMNS)
    best: dict[UUID, _HeldWrap] = {}
    outdated = set()
    for each in (_HeldWrap(*row) for row in rows):
        usable = each.epoch == each.current_epoch and (each.kind, each.recipient, each.recipient_epoch) in known
        if not usable:
            outdated.add(each.compartment)
        elif each.compartment not in best or each.kind == RecipientKind.USER:
            best[each.compartment] = each
    return list(best.values()), outdated - set(best)


def _open(actor: Actor, cases: Mapping[UUID, Case], held: Sequence[_HeldWrap]) -> Iterable[OpenCompartment]:
    known = {holder.name: holder for holder in holders(actor)}
    organisations = {each.id: cases[each.case].organisation_id for each in held}
    fresh = _check(actor, known, [each for each in held if each.checked is None], organisations)
    for each in held:
        organisation = organisations[each.id]
        key = fresh.get(each.id) or _reopen(known[each.holder], each, organisation)
        yield OpenCompartment(_compartment(each), organisation, {each.epoch: key})


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
    known: Mapping[_HolderName, Holder],
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
        row, holder = rows[each.id], known[each.holder]
        place = _place(each, organisations[each.id], holder)
        info, blob = place.info(holder.hpke_public), bytes(row.blob)
        verify(signing[row.signer_id], bytes(row.signature), wrap_statement(info, blob))
        opened[each.id] = unwrap(holder.pair.private, blob, info=info)
        row.checked = _checked(holder, place, opened[each.id])
    KeyWrap.objects.bulk_update(rows.values(), ["checked"])
    return opened


def _signing_keys(keys: Keys, signers: set[UUID | None]) -> dict[UUID | None, bytes]:
    """Verified signing keys. Own wraps are checked with the own key, others' only after their certificate.

    No signer is the root, which signs what custodians recovered offline (`accounts.ceremony.orphans`).
    """
    wanted = {signer for signer in signers if signer is not None and signer != keys.key_id}
    others = UserKey.objects.filter(pk__in=wanted).select_related("user", "signer__user")
    found: dict[UUID | None, bytes] = {row.id: certified_signing_key(keys, row) for row in others}
    return found | {keys.key_id: keys.public.signing, None: keys.root_public}


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
    mine = [holder for holder in holders(actor) if holder.name == recipient[:3]]
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
