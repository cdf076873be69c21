"""Addresses of stage 1, under /cases/. Nothing of a case stands in one but its reference and the ids of its rows."""

from django.urls import path

from cases.views import (
    consent,
    emergency,
    evidence,
    facts,
    history,
    keys,
    narrative,
    overview,
    people,
    person_access,
    sharing,
)

app_name = "cases"
urlpatterns = [
    path("", overview.case_list, name="list"),
    path("new/", overview.new, name="new"),
    path("keys-again/", keys.keys_again, name="keys_again"),
    path("keys-again/<uuid:person_id>/", keys.share_again, name="share_again"),
    path("teams/<uuid:team_id>/new-keys/", keys.team_rekey, name="team_rekey"),
    path("emergency/", emergency.emergency, name="emergency"),
    path("emergency/requests/", emergency.emergencies, name="emergencies"),
    path("emergency/requests/<uuid:request_id>/", emergency.decide_emergency, name="decide_emergency"),
    path("people/<uuid:person_id>/access/", person_access.person_access, name="person_access"),
    path("<slug:reference>/", overview.detail, name="detail"),
    path("<slug:reference>/step/", overview.step, name="step"),
    path("<slug:reference>/facts/", facts.facts, name="facts"),
    path("<slug:reference>/people/", people.people, name="people"),
    path("<slug:reference>/people/add/", people.person_add, name="person_add"),
    path("<slug:reference>/people/<uuid:person_id>/", people.person_edit, name="person_edit"),
    path("<slug:reference>/people/<uuid:person_id>/remove/", people.person_remove, name="person_remove"),
    path("<slug:reference>/story/", narrative.narrative, name="narrative"),
    path("<slug:reference>/names/", narrative.mentions, name="mentions"),
    path("<slug:reference>/consent/", consent.consent, name="consent"),
    path("<slug:reference>/evidence/", evidence.evidence, name="evidence"),
    path("<slug:reference>/evidence/<uuid:evidence_id>/", evidence.evidence_download, name="evidence_download"),
    path("<slug:reference>/evidence/<uuid:evidence_id>/remove/", evidence.evidence_remove, name="evidence_remove"),
    path("<slug:reference>/sharing/", sharing.sharing, name="sharing"),
    path("<slug:reference>/sharing/add/", sharing.share, name="share"),
    path("<slug:reference>/sharing/<uuid:person_id>/take-back/", sharing.revoke, name="revoke"),
    path("<slug:reference>/sharing/teams/<uuid:team_id>/take-back/", sharing.revoke_team, name="revoke_team"),
    path("<slug:reference>/sharing/hand-over/", sharing.hand_over, name="hand_over"),
    path("<slug:reference>/sharing/walls/", sharing.walls, name="walls"),
    path("<slug:reference>/sharing/walls/<uuid:person_id>/take-down/", sharing.wall_down, name="wall_down"),
    path("<slug:reference>/history/", history.history, name="history"),
    path("<slug:reference>/history/<int:version>/", history.history_version, name="history_version"),
]
