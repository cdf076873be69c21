"""Rows about giving and taking access: ours against the cryptography of the same work done with nothing around it."""

import os

from accounts.models import Team, UserKey
from accounts.teams import renew_key
from benchmarks.measure import Row, compare
from casebook.core.sealing import seal, unseal
from casebook.core.wrapping import PrivateKeys, sign, wrap
from cases.access import OpenCase, open_case
from cases.actions import NewCase, create_case
from cases.compartments import ALL_COMPARTMENTS, rows_of, sealed_models
from cases.contents import Card
from cases.grants import remove_access
from cases.levels import COMPARTMENTS, AccessLevel
from cases.models import KeyWrap, RecipientKind
from cases.rekeying import finish_rekeys, rekey_some
from cases.sharing import grant, revoke
from tests.builders import World

COMPARTMENTS_OF_THE_TEAM = 400


def sharing_rows(world: World, opened: OpenCase) -> list[Row]:
    """`opened`: a case that its lawyer holds every key of."""
    return [_share(world, opened), _revoke(world, opened), _leave(world)]


def _fresh(world: World, opened: OpenCase) -> OpenCase:
    return open_case(world.actor("lawyer"), opened.case.reference, need="share_case", optional=ALL_COMPARTMENTS)


def _wraps_alone(world: World, count: int) -> None:
    """The wraps and signatures of a deed, and nothing else."""
    public = bytes(UserKey.objects.get(user=world.people["lawyer"]).hpke_public)
    private = PrivateKeys.generate()
    for _ in range(count):
        sign(private.signing, wrap(public, os.urandom(32), info=b"place"))


def _share(world: World, opened: OpenCase) -> Row:
    person, at_work = world.people["colleague"], _fresh(world, opened)
    remove_access(opened.case, person)
    finish_rekeys(at_work)

    def ours() -> None:
        grant(at_work, person, AccessLevel.CASEWORKER)

    return compare(
        "share a case with a colleague",
        ours,
        lambda: _wraps_alone(world, len(COMPARTMENTS[AccessLevel.CASEWORKER])),
        unit="ms",
        floor_is="its three wraps and signatures alone",
        target="-",
        rounds=21,
    )


def _sealed_rows(opened: OpenCase) -> int:
    return sum(rows_of(model, opened.case).count() for name in ALL_COMPARTMENTS for model in sealed_models(name))


def _reseal_alone(count: int) -> None:
    key, value = os.urandom(32), os.urandom(200)
    for _ in range(count):
        unseal(key, seal(key, value, context=b"place"), context=b"place")


def _revoke(world: World, opened: OpenCase) -> Row:
    person, at_work = world.people["colleague"], _fresh(world, opened)
    values = _sealed_rows(opened)
    wraps = KeyWrap.objects.filter(compartment__case=opened.case).exclude(recipient=person.id).count()

    def ours() -> None:
        grant(at_work, person, AccessLevel.CASEWORKER)
        revoke(at_work, person)

    def floor() -> None:
        _wraps_alone(world, wraps + len(ALL_COMPARTMENTS))
        _reseal_alone(values)

    return compare(
        f"share and revoke with new keys, {values} sealed values",
        ours,
        floor,
        unit="ms",
        floor_is="its wraps, signatures and sealing alone",
        target="-",
        rounds=11,
    )


def _leave(world: World) -> Row:
    cases = COMPARTMENTS_OF_THE_TEAM // len(ALL_COMPARTMENTS) + 1
    lawyer, team = world.actor("lawyer"), Team.objects.get(kind=Team.Kind.COORDINATORS)
    for number in range(cases):
        create_case(lawyer, NewCase("GE", 2025, Card(title=f"Case of the team {number}")))
    wraps = KeyWrap.objects.filter(
        compartment__in=KeyWrap.objects.filter(kind=RecipientKind.TEAM).values("compartment")
    ).count()
    held = KeyWrap.objects.filter(kind=RecipientKind.TEAM).count()

    def ours() -> None:
        renew_key(world.actor("admin"), team)
        team.refresh_from_db()
        if rekey_some(world.actor("coordinator"), team, limit=10_000):
            raise SystemExit("cases are left without a new key")

    def floor() -> None:
        _wraps_alone(world, wraps)
        _reseal_alone(2 * held)

    return compare(
        f"a team of {held} compartments gets new keys after somebody left",
        ours,
        floor,
        unit="s",
        floor_is="its wraps, signatures and sealing alone",
        target="2.4 s for 400",
        rounds=1,
    )
