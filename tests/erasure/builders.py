"""Erasures for tests, made through the product's own actions."""

from cases.access import OpenCase, open_case
from cases.erasure import proposals
from cases.erasure.holds import set_hold
from cases.erasure.records import Erasure, ErasureReason, HoldReason
from cases.models import Case
from tests.builders import World

ASKED = ErasureReason.ASKED


def proposed(opened: OpenCase) -> Erasure:
    return proposals.propose_case(opened, ASKED)


def erased(world: World, opened: OpenCase, *, by: str = "coordinator") -> Erasure:
    """A case that its lawyer proposed and somebody else approved."""
    return proposals.approve(world.actor(by), proposed(opened).pk)


def held(world: World, case: Case) -> None:
    """A coordinator puts the case under legal hold."""
    set_hold(open_case(world.actor("coordinator"), case.reference, need="share_case"), HoldReason.PROCEEDINGS)
