"""Addresses of accounts, under /account/."""

from django.urls import path

from accounts.views import account, keys, ledger, links, people

app_name = "accounts"
urlpatterns = [
    path("", account.account, name="account"),
    path("name/", account.rename, name="rename"),
    path("unlock/", keys.unlock, name="unlock"),
    path("lock/", keys.lock, name="lock"),
    path("recover/", keys.recover, name="recover"),
    path("passphrase/", account.change_passphrase, name="change_passphrase"),
    path("recovery-code/", account.new_recovery_code, name="new_recovery_code"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/invitations/<uuid:invitation_id>/withdraw/", people.withdraw_invitation, name="withdraw_invitation"),
    path("people/<uuid:person_id>/", people.person, name="person"),
    path("people/<uuid:person_id>/confirm/", people.confirm_keys, name="confirm_keys"),
    path("people/<uuid:person_id>/roles/", people.set_roles, name="set_roles"),
    path("people/<uuid:person_id>/sign-in/", people.reset_sign_in, name="reset_sign_in"),
    path("people/<uuid:person_id>/close/", people.deactivate, name="deactivate"),
    path("people/<uuid:person_id>/reopen/", people.reactivate, name="reactivate"),
    path("invitation/<str:token>/", links.invitation, name="invitation"),
    path("new-sign-in/<str:token>/", links.redeem_reset, name="redeem_reset"),
    path("ledger/", ledger.ledger, name="ledger"),
]
