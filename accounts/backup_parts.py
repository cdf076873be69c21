"""Where the tables of people and keys go in a backup. Who holds which role or key goes with the keys."""

from casebook.core.backup.parts import Part

PARTS = {
    "Organisation": Part.BOTH,
    "User": Part.BOTH,
    "User_groups": Part.KEYS,
    "User_user_permissions": Part.KEYS,
    "RoleGrant": Part.KEYS,  # a role that was taken back does not come back with older data
    "UserKey": Part.KEYS,
    "KeySlot": Part.KEYS,
    "OrganisationKeyWrap": Part.KEYS,
    "OfflineRequest": Part.KEYS,
    "Team": Part.BOTH,
    "TeamMemberKey": Part.KEYS,
    "UnlockedSession": Part.NEITHER,  # everybody enters the passphrase again
    "Invitation": Part.NEITHER,  # live tokens: an old one must not open an account again
    "SignInReset": Part.NEITHER,  # one-time links: a used one must not work again
}
