"""What kind of deed each action of the ledger is: read, changed, shared, exported, sign-in, people."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    READ = "read", _("Read")
    CHANGED = "changed", _("Changed")
    SHARED = "shared", _("Shared, or took back")
    EXPORTED = "exported", _("Exported or downloaded")
    SIGN_IN = "sign-in", _("Sign-in and keys")
    PEOPLE = "people", _("People, roles and teams")


_BY_VERB: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (Kind.READ, ("open", "list", "read", "look", "reveal")),
    (Kind.EXPORTED, ("export", "download")),
    (
        Kind.SHARED,
        (
            "grant",
            "revoke",
            "rekey",
            "share",
            "hand",
            "give",
            "shut_out",
            "renew_key",
            "remove_access",
            "break",
            "wall",
            "ask_emergency",
            "decide_emergency",
            "emergency_over",
        ),
    ),
)
_OF_PEOPLE = frozenset(
    {
        "organisation.found",
        "account.invite",
        "account.withdraw_invitation",
        "account.accept",
        "account.confirm_keys",
        "account.set_roles",
        "account.deactivate",
        "account.reactivate",
        "account.rename",
    }
)


_ABOUT_PEOPLE = frozenset({"organisation", "team"})


def kind_of(action: str) -> Kind:
    """The kind of an action such as `case.open`: by a list, else by its verb, else by its room."""
    if action in _OF_PEOPLE:
        return Kind.PEOPLE
    room, _dot, verb = action.partition(".")
    for kind, verbs in _BY_VERB:
        if verb.startswith(verbs):
            return kind
    if room == "account":
        return Kind.SIGN_IN
    return Kind.PEOPLE if room in _ABOUT_PEOPLE else Kind.CHANGED
