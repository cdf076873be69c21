"""Addresses of erasure, under /erasure/."""

from django.urls import path

from cases.erasure import views

app_name = "erasure"
urlpatterns = [
    path("", views.erasures, name="list"),
    path("propose/", views.propose_by_reference, name="propose_by_reference"),
    path("due/", views.due, name="due"),
    path("rules/", views.rules, name="rules"),
    path("cases/<slug:reference>/", views.case, name="case"),
    path("cases/<slug:reference>/people/<uuid:person_id>/", views.person, name="person"),
    path("cases/<slug:reference>/hold/", views.hold, name="hold"),
    path("cases/<slug:reference>/hold/lift/", views.lift, name="lift"),
    path("<uuid:erasure_id>/", views.proposal, name="proposal"),
    path("<uuid:erasure_id>/approve/", views.approve, name="approve"),
    path("<uuid:erasure_id>/refuse/", views.refuse, name="refuse"),
    path("<uuid:erasure_id>/withdraw/", views.withdraw, name="withdraw"),
    path("<uuid:erasure_id>/certificate/", views.certificate, name="certificate"),
    path("<uuid:erasure_id>/forget-events/", views.forget_events, name="forget_events"),
]
