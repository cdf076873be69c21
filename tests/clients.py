"""Browsers for tests: signed in through the sign-in page, over https like everybody."""

from django.test import Client

from tests.builders import PASSPHRASE, World


def secure(client: Client) -> Client:
    """Make every request of this client arrive over https, as the cookies demand."""
    client.defaults |= {"wsgi.url_scheme": "https", "SERVER_PORT": "443"}
    return client


def sign_in(client: Client, world: World, name: str, *, passphrase: str = PASSPHRASE) -> Client:
    """Post the sign-in page; the client comes back signed in and unlocked."""
    secure(client)
    credentials = {"login": world.people[name].username, "password": passphrase}
    response = client.post("/sign-in/", credentials)
    assert response.status_code == 302, response.status_code
    return client


def client_of(world: World, name: str) -> Client:
    """A new browser in which this person is signed in and unlocked."""
    return sign_in(Client(), world, name)
