from django.urls import URLPattern

app_name = "legal_analysis"
urlpatterns: list[URLPattern] = []
