from django.urls import path

from .views import applications, documents, papers, profile, public, requests

app_name = "candidates"
A = "applications/<int:pk>/"
urlpatterns = [
    path("", applications.my, name="my"),
    path("reads/", documents.reads, name="reads"),
    path("requests/", requests.requests, name="requests"),
    path("campaigns/<int:pk>/", public.campaign, name="campaign"),
    path("campaigns/<int:pk>/start/", applications.start, name="start"),
    path(A, applications.overview, name="application"),
    path(A + "questionnaire/", profile.questionnaire, name="questionnaire"),
    path(A + "questionnaire/<slug:name>/", profile.save_field, name="save_field"),
    path(A + "education/", profile.education, name="education"),
    path(A + "education/add/", profile.add_education, name="add_education"),
    path(A + "education/<int:row>/", profile.change_education, name="change_education"),
    path(A + "education/<int:row>/remove/", profile.remove_education, name="remove_education"),
    path(A + "employment/", profile.employment, name="employment"),
    path(A + "employment/add/", profile.add_employment, name="add_employment"),
    path(A + "employment/<int:row>/", profile.change_employment, name="change_employment"),
    path(A + "employment/<int:row>/remove/", profile.remove_employment, name="remove_employment"),
    path(A + "choices/", applications.choices, name="choices"),
    path(A + "consents/", applications.consents, name="consents"),
    path(A + "consents/<int:text>/", applications.consent, name="consent"),
    path(A + "consents/<int:text>/withdraw/", applications.withdraw_consent, name="withdraw_consent"),
    path(A + "documents/", documents.documents, name="documents"),
    path(A + "documents/<int:item>/", documents.upload, name="upload"),
    path(A + "package/", documents.package, name="package"),
    path(A + "submit/", applications.submit, name="submit"),
    path(A + "corrections/", documents.send_corrections, name="send_corrections"),
    path(A + "withdraw/", applications.withdraw, name="withdraw"),
    path("tracks/<int:pk>/decline/", applications.decline, name="decline"),
    path(A + "form.pdf", papers.form, name="form"),
    path(A + "receipt.pdf", papers.receipt, name="receipt"),
    path("consents/<int:pk>/consent.pdf", papers.consent, name="consent_paper"),
    path("files/<int:pk>/", documents.preview, name="preview"),
    path("files/<int:pk>/pages/<int:page>.jpg", documents.page, name="page"),
    path("files/<int:pk>/download/", documents.download, name="download"),
    path("files/<int:pk>/remove/", documents.remove, name="remove_file"),
]
