"""The organisation's row is held against the root pinned in every keyring (group C, 35 to 37)."""

from collections.abc import Callable

import pytest

from accounts.actions import confirm_keys, set_roles
from accounts.auditing import audit
from accounts.certificates import organisation_keys
from accounts.models import Organisation, Role, UserKey
from casebook.core.errors import OrganisationKeyChangedError
from casebook.core.wrapping import PrivateKeys, sign
from cases.actions import NewCase, create_case
from cases.compartments import ALL_COMPARTMENTS
from cases.contents import Card
from cases.levels import AccessLevel
from cases.models import Case, KeyWrap
from cases.queries import list_cases
from cases.rekeying import rekey
from cases.sharing import grant, revoke
from tests.accounts.entries import entries
from tests.builders import PASSPHRASE, World
from tests.cases.builders import TITLE, reopen, told_case
from tests.clients import client_of

MESSAGE = b"The organisation key isn&#x27;t the one you enrolled with. Nothing was opened or shared."


def swap_recovery_key(organisation: Organisation) -> None:
    organisation.recovery_public = PrivateKeys.generate().public().hpke


def swap_auditors_key(organisation: Organisation) -> None:
    organisation.auditor_public = PrivateKeys.generate().public().hpke


def rename(organisation: Organisation) -> None:
    organisation.name = "Another name"


def replace_everything(organisation: Organisation) -> None:
    """A whole new set of keys, signed as it should be, by a root of the writer's own."""
    root, other = PrivateKeys.generate(), PrivateKeys.generate()
    organisation.root_public = root.public().signing
    organisation.recovery_public = organisation.auditor_public = other.public().hpke
    organisation.signature = sign(root.signing, organisation_keys(organisation).statement())


CHANGES = [swap_recovery_key, swap_auditors_key, rename, replace_everything]
Change = Callable[[Organisation], None]


@pytest.fixture(params=CHANGES, ids=lambda change: change.__name__)
def change(request: pytest.FixtureRequest, world: World) -> Callable[[], None]:
    """Changes the organisation's row in one of the ways when it is called."""

    def changed() -> None:
        organisation = Organisation.objects.get(pk=world.organisation.pk)
        request.param(organisation)
        organisation.save()

    return changed


def test_nothing_is_opened(world: World, change: Callable[[], None]) -> None:
    opened = told_case(world)
    change()
    with pytest.raises(OrganisationKeyChangedError):
        reopen(world, opened, "lawyer")
    with pytest.raises(OrganisationKeyChangedError):
        list_cases(world.actor("lawyer"))


def test_nothing_is_shared_taken_back_or_given_a_new_key(world: World, change: Callable[[], None]) -> None:
    opened = reopen(world, told_case(world), "lawyer", need="share_case", wanted=ALL_COMPARTMENTS)
    before = list(KeyWrap.objects.order_by("id").values_list("id", "recipient", "epoch"))
    change()
    opened.case.organisation.refresh_from_db()
    with pytest.raises(OrganisationKeyChangedError):
        grant(opened, world.people["expert"], AccessLevel.EXPERT)
    with pytest.raises(OrganisationKeyChangedError):
        rekey(opened, "testimony")
    with pytest.raises(OrganisationKeyChangedError):
        revoke(opened, world.people["lawyer"])
    assert list(KeyWrap.objects.order_by("id").values_list("id", "recipient", "epoch")) == before


def test_no_case_is_made(world: World, change: Callable[[], None]) -> None:
    change()
    with pytest.raises(OrganisationKeyChangedError):
        create_case(world.actor("lawyer"), NewCase(country="GE", year=2025, card=Card(title=TITLE), escrow=True))
    assert not Case.objects.exists()


def test_nobody_is_certified(world: World, change: Callable[[], None]) -> None:
    newcomer = world.add("newcomer", Role.STREET_LAWYER, confirmed=False)
    change()
    with pytest.raises(OrganisationKeyChangedError):
        confirm_keys(world.actor("admin"), newcomer)
    with pytest.raises(OrganisationKeyChangedError):
        set_roles(world.actor("admin"), world.people["lawyer"], [Role.AUDITOR])
    assert UserKey.objects.get(user=newcomer).certificate is None


def test_nothing_is_audited(world: World, change: Callable[[], None]) -> None:
    change()
    with pytest.raises(OrganisationKeyChangedError):
        audit(world.actor("auditor"))
    answer = client_of(world, "auditor").get("/account/ledger/")
    assert (answer.status_code, MESSAGE in answer.content) == (403, True)


def test_the_keys_do_not_open_and_the_page_says_why(world: World, change: Callable[[], None]) -> None:
    client = client_of(world, "lawyer")
    client.post("/account/lock/")
    change()

    answer = client.post("/account/unlock/", {"passphrase": PASSPHRASE})
    assert (answer.status_code, MESSAGE in answer.content) == (403, True)
    assert client.get("/cases/").status_code == 423


def test_who_signs_in_reads_the_message_instead_of_cases(world: World, change: Callable[[], None]) -> None:
    change()
    answer = client_of(world, "lawyer").get("/cases/")
    assert (answer.status_code, MESSAGE in answer.content) == (403, True)


def test_the_refusal_stands_in_the_ledger(world: World) -> None:
    client = client_of(world, "lawyer")
    client.post("/account/lock/")
    organisation = Organisation.objects.get(pk=world.organisation.pk)
    Organisation.objects.filter(pk=organisation.pk).update(recovery_public=PrivateKeys.generate().public().hpke)
    client.post("/account/unlock/", {"passphrase": PASSPHRASE})
    Organisation.objects.filter(pk=organisation.pk).update(recovery_public=bytes(organisation.recovery_public))

    (said,) = entries(world, "account.organisation_changed")
    assert (said["actor"], said["how"]) == (world.people["lawyer"].username, "passphrase")
