"""Addresses of accounts, under /account/."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.account, name="account"),
    path("unlock/", views.unlock, name="unlock"),
    path("lock/", views.lock, name="lock"),
    path("recover/", views.recover, name="recover"),
    path("passphrase/", views.change_passphrase, name="change_passphrase"),
    path("recovery-code/", views.new_recovery_code, name="new_recovery_code"),
    path("people/", views.people, name="people"),
    path("people/invite/", views.invite, name="invite"),
    path("people/<uuid:person_id>/", views.person, name="person"),
    path("people/<uuid:person_id>/confirm/", views.confirm_keys, name="confirm_keys"),
    path("people/<uuid:person_id>/roles/", views.set_roles, name="set_roles"),
    path("people/<uuid:person_id>/sign-in/", views.reset_sign_in, name="reset_sign_in"),
    path("people/<uuid:person_id>/close/", views.deactivate, name="deactivate"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    path("new-sign-in/<str:token>/", views.redeem_reset, name="redeem_reset"),
    path("ledger/", views.ledger, name="ledger"),
]
