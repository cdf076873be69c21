"""Addresses of stage 3. The register and its records are for everybody; everything else is behind sign-in."""

from django.urls import path

from publication.views import anonymising, digests, register, reviewing, taking_back

app_name = "publication"
urlpatterns = [
    path("register/", register.register, name="register"),
    path("register/<slug:number>/", register.record, name="record"),
    path("register/<slug:number>/record.json", register.record_json, name="record_json"),
    path("register/<slug:number>/retract/", taking_back.retract, name="retract"),
    path("cases/<slug:reference>/redaction/", anonymising.redaction, name="redaction"),
    path("cases/<slug:reference>/preview/", anonymising.preview, name="preview"),
    path("cases/<slug:reference>/submit/", anonymising.submit, name="submit"),
    path("cases/<slug:reference>/withdraw/", taking_back.withdraw, name="withdraw"),
    path("reviews/", reviewing.reviews, name="reviews"),
    path("reviews/<slug:reference>/", reviewing.review, name="review"),
    path("digests/", digests.digests, name="digests"),
    path("digests/new/", digests.digest_new, name="digest_new"),
    path("digests/<uuid:digest_id>/", digests.digest, name="digest"),
    path("digests/<uuid:digest_id>/edit/", digests.digest_edit, name="digest_edit"),
    path("digests/<uuid:digest_id>/issue/", digests.digest_issue, name="digest_issue"),
    path("digests/<uuid:digest_id>/digest.pdf", digests.digest_pdf, name="digest_pdf"),
    path("digests/<uuid:digest_id>/digest.json", digests.digest_json, name="digest_json"),
]
