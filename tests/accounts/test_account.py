"""One's own account: the name that colleagues see."""

import pytest
from django.test import Client

from accounts.forms import RenameForm
from accounts.models import User
from tests.accounts.entries import entries
from tests.builders import World
from tests.clients import client_of, secure

RENAME = "/account/name/"


def shown_name(world: World, name: str) -> str:
    return User.objects.get(pk=world.people[name].pk).display_name


def test_a_person_changes_her_own_name_and_colleagues_see_it(world: World) -> None:
    client = client_of(world, "lawyer")
    assert b'value="Lawyer"' in client.get("/account/").content

    answer = client.post(RENAME, {"display_name": "  Marta of the Harbour "}, follow=True)

    assert answer.redirect_chain == [("/account/", 302)]
    assert b"Your name is changed" in answer.content
    assert shown_name(world, "lawyer") == "Marta of the Harbour"
    assert b"Marta of the Harbour" in client_of(world, "admin").get("/account/people/").content


def test_the_ledger_keeps_that_a_name_changed_and_neither_name(world: World) -> None:
    client_of(world, "lawyer").post(RENAME, {"display_name": "Marta"})

    target = f"accounts.User:{world.people['lawyer'].pk}"
    assert entries(world, "account.rename") == [{"actor": "lawyer-ge", "target": target}]


@pytest.mark.parametrize("typed", ["", "   ", "x" * 101, "a\x00"])
def test_a_name_that_cannot_be_is_a_form_error_and_changes_nothing(world: World, typed: str) -> None:
    answer = client_of(world, "lawyer").post(RENAME, {"display_name": typed})

    assert answer.status_code == 422
    assert b"error-summary" in answer.content
    assert shown_name(world, "lawyer") == "Lawyer"
    assert entries(world, "account.rename") == []


def test_a_broken_character_in_a_name_is_a_form_error() -> None:
    assert RenameForm({"display_name": "a\ud800"}).errors.keys() == {"display_name"}


def test_a_refused_name_stays_as_it_was_typed(world: World) -> None:
    answer = client_of(world, "lawyer").post(RENAME, {"display_name": "y" * 101})

    assert b'value="' + b"y" * 101 + b'"' in answer.content


def test_a_name_cannot_become_markup(world: World) -> None:
    client = client_of(world, "lawyer")

    client.post(RENAME, {"display_name": "<script>alert(1)</script>"})

    for page in (client.get("/account/"), client_of(world, "admin").get("/account/people/")):
        assert b"<script>alert" not in page.content
        assert b"&lt;script&gt;alert" in page.content


def test_nobody_renames_somebody_else(world: World) -> None:
    colleague = world.people["colleague"]
    typed = {"display_name": "Changed", "id": str(colleague.pk), "user": str(colleague.pk), "username": "colleague-ge"}

    client_of(world, "lawyer").post(RENAME, typed)

    assert (shown_name(world, "lawyer"), shown_name(world, "colleague")) == ("Changed", "Colleague")
    assert User.objects.get(pk=world.people["lawyer"].pk).username == "lawyer-ge"


def test_who_is_signed_out_changes_no_name(world: World) -> None:
    answer = secure(Client()).post(RENAME, {"display_name": "Changed"})

    assert answer.status_code in {302, 401}
    assert shown_name(world, "lawyer") == "Lawyer"
