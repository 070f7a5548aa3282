"""Answers to forms that could not be believed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW: the form did not come from a page of ours, or from one that is too old."""
    del reason
    return render(request, "shell/csrf.html", status=403)
