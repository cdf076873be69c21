"""Addresses of stage 1, under /cases/. Nothing of a case stands in one but its reference and the ids of its rows."""

from django.urls import path

from cases.views import consent, evidence, facts, history, narrative, overview, people, sharing

app_name = "cases"
urlpatterns = [
    path("", overview.case_list, name="list"),
    path("new/", overview.new, name="new"),
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
    path("<slug:reference>/history/", history.history, name="history"),
    path("<slug:reference>/history/<int:version>/", history.history_version, name="history_version"),
]
