"""Addresses of accounts, under /account/."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from accounts.views import account, keys, ledger, links, new_keys, own_teams, people, sessions, teams


class SequenceConverter(IntConverter):
    """The number of an event of the ledger, no longer than the database can hold."""

    regex = "[0-9]{1,18}"


register_converter(SequenceConverter, "sequence")

app_name = "accounts"
urlpatterns = [
    path("", account.account, name="account"),
    path("name/", account.rename, name="rename"),
    path("unlock/", keys.unlock, name="unlock"),
    path("step-up/", keys.step_up, name="step_up"),
    path("lock/", keys.lock, name="lock"),
    path("sessions/", sessions.sessions, name="sessions"),
    path("sessions/end/", sessions.end_session, name="end_session"),
    path("sessions/end-others/", sessions.end_other_sessions, name="end_other_sessions"),
    path("recover/", keys.recover, name="recover"),
    path("passphrase/", account.change_passphrase, name="change_passphrase"),
    path("new-keys/", new_keys.replace_keys, name="replace_keys"),
    path("recovery-code/", account.new_recovery_code, name="new_recovery_code"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/invitations/<uuid:invitation_id>/withdraw/", people.withdraw_invitation, name="withdraw_invitation"),
    path("people/<uuid:person_id>/", people.person, name="person"),
    path("people/<uuid:person_id>/confirm/", people.confirm_keys, name="confirm_keys"),
    path("people/<uuid:person_id>/roles/", people.set_roles, name="set_roles"),
    path("people/<uuid:person_id>/teams/", people.add_to_team, name="add_to_team"),
    path("people/<uuid:person_id>/sign-out/", people.end_sessions, name="end_sessions"),
    path("people/<uuid:person_id>/sign-in/", people.reset_sign_in, name="reset_sign_in"),
    path("people/<uuid:person_id>/close/", people.deactivate, name="deactivate"),
    path("people/<uuid:person_id>/reopen/", people.reactivate, name="reactivate"),
    path("teams/", teams.teams, name="teams"),
    path("teams/new/", teams.create_panel, name="create_panel"),
    path("teams/<uuid:team_id>/", teams.team, name="team"),
    path("teams/<uuid:team_id>/name/", teams.rename_panel, name="rename_panel"),
    path("teams/<uuid:team_id>/delete/", teams.delete_panel, name="delete_panel"),
    path("teams/<uuid:team_id>/members/", teams.join_team, name="join_team"),
    path("teams/<uuid:team_id>/members/<uuid:person_id>/remove/", teams.leave_team, name="leave_team"),
    path("teams/<uuid:team_id>/key/", teams.renew_team_key, name="renew_team_key"),
    path("own-teams/", own_teams.own_teams, name="own_teams"),
    path("own-teams/<uuid:team_id>/people/<uuid:person_id>/key/", own_teams.give_team_key, name="give_team_key"),
    path("invitation/<str:token>/", links.invitation, name="invitation"),
    path("new-sign-in/<str:token>/", links.redeem_reset, name="redeem_reset"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/export/", ledger.ledger_export, name="ledger_export"),
    path("ledger/unusual/", ledger.ledger_unusual, name="ledger_unusual"),
    path("ledger/checkpoints/", ledger.ledger_checkpoints, name="ledger_checkpoints"),
    path("ledger/checkpoints/now/", ledger.ledger_checkpoint, name="ledger_checkpoint_now"),
    path("ledger/checkpoints/<sequence:size>/", ledger.ledger_checkpoint, name="ledger_checkpoint"),
    path("ledger/<sequence:seq>/", ledger.ledger_entry, name="ledger_entry"),
    path("ledger/<sequence:seq>/proof/", ledger.ledger_proof, name="ledger_proof"),
]
