from django.apps import AppConfig


class LegalAnalysisConfig(AppConfig):
    name = "legal_analysis"
