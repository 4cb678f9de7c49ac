"""The face: pages, API, accounts, settings. The only package that speaks HTTP."""

from webapp.celery import app as celery_app

__all__ = ["celery_app"]
