"""When a person who is unlocked types the passphrase once more: before an export, an erasure, sharing in bulk, a name.

Whoever picks up an unlocked telephone can go on with what lies open on it, but cannot carry anything away, and cannot
open the names of a case that its owner has not opened in this session. The owner is not asked again for a case that
she works on: names she opened once stay open until her keys are locked.

Both the time and the cases lie sealed in the unlocked session's row (`accounts.unlocking`).
"""

import time
from uuid import UUID

from django.conf import settings

from accounts.actor import Actor, ActorRequest
from accounts.keyring import PassphraseProof
from casebook.core.errors import StepUpNeededError


def require_fresh(request: ActorRequest) -> None:
    """Raise StepUpNeededError unless the passphrase was typed within CASEBOOK_STEP_UP_SECONDS; LockedError when locked.

    For views: the answer to the error asks for the passphrase and then leads back, with whatever form was sent.
    """
    proof = request.actor.require_keys().proof
    if proof is not None:
        _require(proof, settings.CASEBOOK_STEP_UP_SECONDS)


def require_fresh_for_names(actor: Actor, case_id: UUID) -> None:
    """Raise StepUpNeededError unless this case's names were opened in this session already, or the passphrase was typed
    within CASEBOOK_NAMES_STEP_UP_SECONDS; then they count as opened. Keys outside a browser are never asked."""
    proof = actor.require_keys().proof
    if proof is None or case_id in proof.revealed:
        return
    _require(proof, settings.CASEBOOK_NAMES_STEP_UP_SECONDS)
    remember_names(actor, case_id)


def remember_names(actor: Actor, case_id: UUID) -> None:
    """Count a case's names as opened in this session: whoever has just written them down knows them."""
    proof = actor.require_keys().proof
    if proof is not None and case_id not in proof.revealed:
        proof.revealed = (*proof.revealed, case_id)
        proof.changed = True


def _require(proof: PassphraseProof, seconds: int) -> None:
    if proof.at + seconds <= int(time.time()):
        raise StepUpNeededError
