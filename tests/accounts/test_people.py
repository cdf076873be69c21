"""The people of an organisation: inviting, confirming keys, roles, links for a new sign-in, closing accounts."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actions import InvitationAcceptedError, find_invitation, invite, withdraw_invitation
from accounts.certificates import four_words
from accounts.forms import InvitationForm, InviteForm
from accounts.models import Invitation, OrganisationKeyWrap, Role, SignInReset, UnlockedSession, User, UserKey
from tests import raw_bytes
from tests.accounts.entries import entries
from tests.accounts.test_sign_in import UNLOCKED_ONLY
from tests.builders import PASSPHRASE, World, found_world, unlocked
from tests.clients import client_of, secure, sign_in

CHOSEN = {
    "username": "newcomer",
    "display_name": "New Comer",
    "passphrase": PASSPHRASE,
    "passphrase_again": PASSPHRASE,
}


def person_url(world: World, name: str, page: str = "") -> str:
    return f"/account/people/{world.people[name].pk}/{page}"


def offered_link(client: Client, *roles: str) -> str:
    """Invite through the page; returns the path of the link that it shows."""
    answer = client.post("/account/people/invite/", {"display_name": "New Comer", "roles": list(roles)})
    assert answer.status_code == 200
    link: str = answer.context["link"]
    assert link in answer.content.decode()
    return link.removeprefix("https://testserver")


def withdraw_url(invitation_id: UUID) -> str:
    return f"/account/people/invitations/{invitation_id}/withdraw/"


def withdrawal(world: World) -> str:
    """Where to withdraw an invitation that is made for it."""
    token = invite(world.actor("admin"), display_name="New Comer", roles=[Role.STREET_LAWYER])
    return withdraw_url(find_invitation(token).pk)


def newcomer(world: World, *roles: Role) -> User:
    """An invited person whose keys nobody has confirmed yet."""
    return world.add("newcomer", *roles, confirmed=False)


# --- who may see these pages


@pytest.mark.parametrize("name", ["lawyer", "coordinator", "expert", "advocate", "auditor"])
def test_to_everybody_but_administrators_the_pages_of_people_do_not_exist(world: World, name: str) -> None:
    client = client_of(world, name)

    pages = ["/account/people/", "/account/people/invite/", person_url(world, "lawyer")]
    forms = [
        "/account/people/invite/",
        withdrawal(world),
        *(person_url(world, "lawyer", f"{form}/") for form in _FORMS),
    ]

    assert [client.get(url).status_code for url in pages] == [404] * len(pages)
    assert [client.post(url, {"compared": "on", "roles": "auditor"}).status_code for url in forms] == [404] * len(forms)


_FORMS = ("confirm", "roles", "sign-in", "close", "reopen")


def test_people_of_another_organisation_do_not_exist(world: World) -> None:
    stranger = found_world("Elsewhere", "MD", with_people=False).founding.administrator
    client = client_of(world, "admin")

    urls = [f"/account/people/{pk}/" for pk in (stranger.pk, uuid4())]
    assert [client.get(url).status_code for url in urls] == [404, 404]
    theirs = invite(unlocked(stranger), display_name="Theirs", roles=[Role.ADVOCATE])
    withdrawals = [withdraw_url(find_invitation(theirs).pk), withdraw_url(uuid4())]
    assert [client.post(url).status_code for url in withdrawals] == [404, 404]
    assert find_invitation(theirs)
    posts = [f"/account/people/{stranger.pk}/{form}/" for form in _FORMS]
    assert [client.post(url, {"compared": "on", "roles": "auditor"}).status_code for url in posts] == [404] * 5
    assert stranger.username not in client.get("/account/people/").content.decode()


def test_the_forms_of_people_are_no_pages(world: World) -> None:
    client = client_of(world, "admin")

    assert [client.get(person_url(world, "lawyer", f"{form}/")).status_code for form in _FORMS] == [405] * 5
    assert client.get(withdrawal(world)).status_code == 405
    assert client.get("/account/lock/").status_code == 405
    assert client.get("/account/people/not-a-number/").status_code == 404


# --- the list


def test_the_list_shows_roles_keys_words_and_open_invitations(world: World) -> None:
    person = newcomer(world, Role.LEGAL_EXPERT)
    client = client_of(world, "admin")
    offered_link(client, Role.STREET_LAWYER)

    page = client.get("/account/people/").content.decode()

    assert " ".join(four_words(UserKey.objects.get(user=person))) in page
    assert page.count("Confirmed") == len(world.people) - 1
    assert "Invited by Admin" in page


def test_old_and_accepted_invitations_are_not_listed(world: World) -> None:
    client = client_of(world, "admin")
    offered_link(client, Role.STREET_LAWYER)
    Invitation.objects.update(expires_at=timezone.now())

    assert b"Invited, not here yet" not in client.get("/account/people/").content


# --- inviting


def test_an_invited_person_makes_an_account_and_sees_her_recovery_code_once(world: World) -> None:
    link = offered_link(client_of(world, "admin"), Role.STREET_LAWYER, Role.AUDITOR)
    client = secure(Client())
    page = client.get(link)
    assert "Street lawyer, Auditor" in page.content.decode()
    assert b'value="New Comer"' in page.content

    answer = client.post(link, CHOSEN)

    code = answer.context["kit"].recovery_code
    assert re.fullmatch(r"([0-9A-Z]{4}-){8}[0-9A-Z*~$=]", code)
    assert "I have it on paper" in answer.content.decode()
    person = User.objects.get(username="newcomer")
    assert person.display_name == "New Comer"
    assert person.roles == {Role.STREET_LAWYER, Role.AUDITOR}
    world.people["newcomer"] = person
    sign_in(client, world, "newcomer")
    assert client.post("/account/recover/", {**CHOSEN, "recovery_code": code}).status_code == 200
    assert raw_bytes.found([code, code.replace("-", "")], raw_bytes.of_database()) == []


def test_an_invitation_works_once(world: World) -> None:
    link = offered_link(client_of(world, "admin"), Role.STREET_LAWYER)
    secure(Client()).post(link, CHOSEN)

    again = secure(Client()).get(link)
    assert again.status_code == 410
    assert b"does not work any more" in again.content
    assert secure(Client()).post(link, CHOSEN | {"username": "second"}).status_code == 410
    assert not User.objects.filter(username="second").exists()


def test_the_token_of_a_link_is_not_in_the_database(world: World) -> None:
    client = client_of(world, "admin")
    token = offered_link(client, Role.STREET_LAWYER).split("/")[-2]
    reset = client.post(person_url(world, "lawyer", "sign-in/")).context["link"].split("/")[-2]

    assert len(token) > 40
    assert raw_bytes.found([token, reset], raw_bytes.of_database()) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "LAWYER-GE"}, "username"),
        ({"username": "a b"}, "username"),
        ({"username": ""}, "username"),
        ({"username": "x" * 61}, "username"),
        ({"username": "a\x00"}, "username"),
        ({"username": "a\ud800"}, "username"),
        ({"display_name": ""}, "display_name"),
        ({"display_name": "x" * 101}, "display_name"),
        ({"display_name": "a\x00"}, "display_name"),
        ({"display_name": "a\ud800"}, "display_name"),
        ({"passphrase": "short", "passphrase_again": "short"}, "passphrase"),
        ({"passphrase_again": "other words that differ"}, "passphrase_again"),
        ({"username": "correcthorsebattery", "passphrase": "correcthorsebattery"}, "passphrase_again"),
    ],
)
def test_what_an_account_cannot_have_is_a_form_error(world: World, change: dict[str, str], field: str) -> None:
    form = InvitationForm(CHOSEN | change, person=User(), suggestion="")

    assert form.errors.keys() == {field}


def test_a_passphrase_like_the_user_name_is_refused(world: World) -> None:
    same = {"username": "correcthorsebattery", "passphrase": "correcthorsebattery1"}

    form = InvitationForm(CHOSEN | same | {"passphrase_again": same["passphrase"]}, person=User(), suggestion="")

    assert form.errors.keys() == {"passphrase"}


def test_a_refused_form_keeps_everything_but_the_passphrase(world: World) -> None:
    link = offered_link(client_of(world, "admin"), Role.STREET_LAWYER)

    answer = secure(Client()).post(link, CHOSEN | {"display_name": "Somebody Else", "passphrase_again": "x"})

    assert answer.status_code == 422
    assert b'value="newcomer"' in answer.content
    assert b'value="Somebody Else"' in answer.content
    assert PASSPHRASE.encode() not in answer.content


def test_a_name_taken_meanwhile_is_a_form_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    link = offered_link(client_of(world, "admin"), Role.STREET_LAWYER)
    monkeypatch.setattr(InvitationForm, "clean_username", lambda form: "lawyer-ge")

    answer = secure(Client()).post(link, CHOSEN)

    assert answer.status_code == 422
    assert b"This user name is taken" in answer.content
    assert secure(Client()).get(link).status_code == 200


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({"display_name": "A"}, {"roles"}),
        ({"display_name": "A", "roles": ["emperor"]}, {"roles"}),
        ({"display_name": "", "roles": ["auditor"]}, {"display_name"}),
        ({"display_name": "\x00", "roles": ["auditor"]}, {"display_name"}),
        ({"display_name": "x" * 101, "roles": ["auditor"]}, {"display_name"}),
    ],
)
def test_an_invitation_needs_a_name_and_a_role(typed: dict[str, Any], fields: set[str]) -> None:
    assert InviteForm(typed).errors.keys() == fields


def test_a_refused_invitation_form_stays_as_it_was_typed(world: World) -> None:
    answer = client_of(world, "admin").post("/account/people/invite/", {"display_name": "Somebody"})

    assert answer.status_code == 422
    assert b'value="Somebody"' in answer.content
    assert not Invitation.objects.filter(display_name="Somebody").exists()


# --- withdrawing an invitation


def test_a_withdrawn_invitation_opens_nothing_and_is_not_listed(world: World) -> None:
    client = client_of(world, "admin")
    link = offered_link(client, Role.STREET_LAWYER)
    offer = find_invitation(link.split("/")[-2])
    page = client.get("/account/people/").content.decode()
    assert "Withdraw the invitation of New Comer?" in page
    assert withdraw_url(offer.pk) in page

    answer = client.post(withdraw_url(offer.pk), follow=True)

    assert b"The invitation is withdrawn" in answer.content
    assert b"Invited, not here yet" not in answer.content
    assert secure(Client()).get(link).status_code == 410
    assert secure(Client()).post(link, CHOSEN).status_code == 410
    assert not User.objects.filter(username="newcomer").exists()
    assert client.post(withdraw_url(offer.pk)).status_code == 404
    assert entries(world, "account.withdraw_invitation") == [
        {"actor": "admin-ge", "target": f"accounts.Invitation:{offer.pk}", "roles": ["street_lawyer"]}
    ]


def test_an_accepted_invitation_cannot_be_withdrawn(world: World) -> None:
    client = client_of(world, "admin")
    link = offered_link(client, Role.STREET_LAWYER)
    offer = find_invitation(link.split("/")[-2])
    secure(Client()).post(link, CHOSEN)

    answer = client.post(withdraw_url(offer.pk))

    assert answer.status_code == 409
    assert b"Somebody has accepted this invitation meanwhile" in answer.content
    assert User.objects.filter(username="newcomer").exists()
    with pytest.raises(InvitationAcceptedError):
        withdraw_invitation(world.actor("admin"), offer)
    assert entries(world, "account.withdraw_invitation") == []


# --- confirming keys


def test_keys_are_confirmed_only_after_the_box_is_ticked(world: World) -> None:
    person = newcomer(world, Role.LEGAL_EXPERT)
    client = client_of(world, "admin")

    unticked = client.post(person_url(world, "newcomer", "confirm/"))
    assert unticked.status_code == 422
    assert not UserKey.objects.get(user=person).is_certified

    ticked = client.post(person_url(world, "newcomer", "confirm/"), {"compared": "on"}, follow=True)
    assert UserKey.objects.get(user=person).is_certified
    assert b"The keys are confirmed" in ticked.content
    assert b"The words are the same" not in ticked.content


def test_both_sides_see_the_same_four_words(world: World) -> None:
    newcomer(world, Role.LEGAL_EXPERT)

    hers = client_of(world, "newcomer").get("/account/").context["words"]
    theirs = client_of(world, "admin").get(person_url(world, "newcomer")).context["row"].words

    assert hers == " ".join(theirs)
    assert len(theirs) == 4


def test_only_an_officer_confirms_keys(world: World) -> None:
    world.add("deputy", Role.ADMINISTRATOR)
    person = newcomer(world, Role.LEGAL_EXPERT)

    answer = client_of(world, "deputy").post(person_url(world, "newcomer", "confirm/"), {"compared": "on"})

    assert answer.status_code == 403
    assert b"Only an officer can confirm keys" in answer.content
    assert not UserKey.objects.get(user=person).is_certified


# --- roles


def test_roles_are_saved_and_a_new_auditor_reads_the_ledger(world: World) -> None:
    client = client_of(world, "admin")
    roles = [Role.LEGAL_EXPERT.value, Role.AUDITOR.value]

    answer = client.post(person_url(world, "expert", "roles/"), {"roles": roles})

    assert answer["Location"] == person_url(world, "expert")
    assert User.objects.get(pk=world.people["expert"].pk).roles == {Role.LEGAL_EXPERT, Role.AUDITOR}
    assert client_of(world, "expert").get(UNLOCKED_ONLY).status_code == 200


def test_who_is_no_auditor_any_more_loses_the_auditors_key(world: World) -> None:
    client_of(world, "admin").post(person_url(world, "auditor", "roles/"), {"roles": [Role.ADVOCATE.value]})

    assert client_of(world, "auditor").get(UNLOCKED_ONLY).status_code == 404
    assert not OrganisationKeyWrap.objects.filter(member_key__user=world.people["auditor"]).exists()


@pytest.mark.parametrize("roles", [[], ["emperor"], ["administrator", ""]])
def test_roles_that_do_not_exist_are_a_form_error(world: World, roles: list[str]) -> None:
    answer = client_of(world, "admin").post(person_url(world, "lawyer", "roles/"), {"roles": roles})

    assert answer.status_code == 422
    assert User.objects.get(pk=world.people["lawyer"].pk).roles == {Role.STREET_LAWYER}


def test_the_last_administrator_stays_one(world: World) -> None:
    client = client_of(world, "admin")

    roles = client.post(person_url(world, "admin", "roles/"), {"roles": [Role.COORDINATOR.value]})
    close = client.post(person_url(world, "admin", "close/"))

    assert (roles.status_code, close.status_code) == (409, 409)
    assert b"at least one administrator" in roles.content
    assert b"at least one administrator" in close.content
    assert client.get("/account/people/").status_code == 200


def test_who_gives_the_administration_away_is_led_to_her_start_page(world: World) -> None:
    world.add("deputy", Role.ADMINISTRATOR)
    client = client_of(world, "admin")

    answer = client.post(person_url(world, "admin", "roles/"), {"roles": [Role.COORDINATOR.value]})

    assert answer["Location"] == "/"
    assert client.get("/account/people/").status_code == 404


# --- closing an account


def test_a_closed_account_is_signed_out_everywhere_and_cannot_be_changed(world: World) -> None:
    client, theirs = client_of(world, "admin"), client_of(world, "lawyer")

    answer = client.post(person_url(world, "lawyer", "close/"), follow=True)

    assert b"Account closed" in answer.content
    assert theirs.get("/account/")["Location"].startswith("/sign-in/")
    posts = [client.post(person_url(world, "lawyer", f"{form}/"), {"roles": "auditor"}) for form in _FORMS[:4]]
    assert [post.status_code for post in posts] == [404] * 4
    assert b"This account is closed" in client.get(person_url(world, "lawyer")).content


def test_who_closes_her_own_account_is_signed_out_with_it(world: World) -> None:
    world.add("deputy", Role.ADMINISTRATOR)
    client = client_of(world, "deputy")

    answer = client.post(person_url(world, "deputy", "close/"), follow=True)

    assert answer.status_code == 200
    assert b"This account is closed" in answer.content
    assert client.get("/account/")["Location"].startswith("/sign-in/")


# --- opening it again


def closed(world: World, name: str) -> Client:
    """An administrator's browser, in which this person's account was just closed."""
    client = client_of(world, "admin")
    assert client.post(person_url(world, name, "close/")).status_code == 302
    return client


def test_a_reopened_person_signs_in_with_the_keys_and_roles_from_before(world: World) -> None:
    client = closed(world, "auditor")
    page = client.get(person_url(world, "auditor")).content
    assert b"Open this account again?" in page

    answer = client.post(person_url(world, "auditor", "reopen/"), follow=True)

    assert b"The account is open again" in answer.content
    assert User.objects.get(pk=world.people["auditor"].pk).roles == {Role.AUDITOR}
    assert client_of(world, "auditor").get(UNLOCKED_ONLY).status_code == 200
    assert entries(world, "account.reactivate") == [
        {
            "actor": "admin-ge",
            "target": f"accounts.User:{world.people['auditor'].pk}",
            "person": "auditor-ge",
            "roles": ["auditor"],
        }
    ]


def test_sessions_from_before_the_closing_do_not_come_back(world: World) -> None:
    theirs, others = client_of(world, "auditor"), client_of(world, "lawyer")
    cookies = {name: morsel.value for name, morsel in theirs.cookies.items()}
    client = closed(world, "auditor")

    client.post(person_url(world, "auditor", "reopen/"))

    for name, value in cookies.items():
        theirs.cookies[name] = value
    assert theirs.get("/account/")["Location"].startswith("/sign-in/")
    assert theirs.get(UNLOCKED_ONLY)["Location"].startswith("/sign-in/")
    assert not UnlockedSession.objects.filter(user=world.people["auditor"]).exists()
    assert others.get("/account/").status_code == 200


def test_a_session_that_was_kept_while_the_account_was_closed_does_not_come_back(world: World) -> None:
    """As in a database where the account was closed without its sessions."""
    theirs = client_of(world, "auditor")
    User.objects.filter(pk=world.people["auditor"].pk).update(is_active=False)

    client_of(world, "admin").post(person_url(world, "auditor", "reopen/"))

    assert theirs.get("/account/")["Location"].startswith("/sign-in/")


def test_a_link_for_a_new_sign_in_does_not_come_back(world: World) -> None:
    client = client_of(world, "admin")
    link = client.post(person_url(world, "auditor", "sign-in/")).context["link"].removeprefix("https://testserver")
    client.post(person_url(world, "auditor", "close/"))

    client.post(person_url(world, "auditor", "reopen/"))

    assert secure(Client()).get(link).status_code == 410
    assert not SignInReset.objects.exists()


def test_an_open_account_is_not_opened_again(world: World) -> None:
    assert client_of(world, "admin").post(person_url(world, "lawyer", "reopen/")).status_code == 404
    assert entries(world, "account.reactivate") == []


def test_no_message_carries_a_name_into_the_session(world: World) -> None:
    client = client_of(world, "admin")
    client.post(person_url(world, "lawyer", "roles/"), {"roles": [Role.COORDINATOR.value]})

    stored = str(dict(client.session.items()))

    assert "_messages" in stored
    assert not any(name in stored for name in ("Lawyer", "lawyer-ge"))
