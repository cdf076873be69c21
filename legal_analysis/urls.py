"""Addresses of stage 2, under /law/."""

from django.urls import path

from legal_analysis.views import annotations, case, findings, library

app_name = "legal_analysis"
urlpatterns = [
    path("library/", library.library, name="library"),
    path("library/<slug:code>/", library.instrument, name="instrument"),
    path("library/<slug:code>/confirm/", library.instrument_confirm, name="instrument_confirm"),
    path("cases/<slug:reference>/", case.case, name="case"),
    path("cases/<slug:reference>/send-on/", case.send_on, name="send_on"),
    path("cases/<slug:reference>/annotations/add/", annotations.annotation_add, name="annotation_add"),
    path(
        "cases/<slug:reference>/annotations/<uuid:annotation_id>/edit/",
        annotations.annotation_edit,
        name="annotation_edit",
    ),
    path(
        "cases/<slug:reference>/annotations/<uuid:annotation_id>/remove/",
        annotations.annotation_remove,
        name="annotation_remove",
    ),
    path("cases/<slug:reference>/annotations/<uuid:annotation_id>/place/", annotations.reanchor, name="reanchor"),
    path("cases/<slug:reference>/findings/add/", findings.finding_add, name="finding_add"),
    path("cases/<slug:reference>/findings/<uuid:finding_id>/edit/", findings.finding_edit, name="finding_edit"),
    path("cases/<slug:reference>/findings/<uuid:finding_id>/review/", findings.finding_review, name="finding_review"),
    path("cases/<slug:reference>/findings/<uuid:finding_id>/single/", findings.finding_single, name="finding_single"),
]
