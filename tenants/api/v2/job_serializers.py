"""Jobs as v2 shows them."""

from typing import Any

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from tenants.http.serializers import PublicIdField
from tenants.models import JobState


class ProgressOut(serializers.Serializer[Any]):
    """Steps done and to do; both 0 while the job has not said."""

    current = serializers.IntegerField(source="progress_current")
    total = serializers.IntegerField(source="progress_total")


class ErrorOut(serializers.Serializer[Any]):
    """Why the last attempt did not succeed."""

    code = serializers.CharField()
    detail = serializers.CharField()


class JobOut(serializers.Serializer[Any]):
    """`waiting` and `running` will change; `failed` waits for a person."""

    id = PublicIdField("job")
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=JobState.choices)
    progress = ProgressOut(source="*")
    result = serializers.JSONField(allow_null=True)
    error = ErrorOut(allow_null=True)
    attempts = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    run_after = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


JobListOut = inline_serializer(
    "JobListOut",
    {
        "data": JobOut(many=True),
        "next_cursor": serializers.CharField(allow_null=True),
        "has_more": serializers.BooleanField(),
        "total": serializers.IntegerField(required=False),
    },
)
