"""v2: keys of programs."""

from datetime import timedelta
from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import ids
from tenants.api.v2 import people_examples as examples
from tenants.api.v2.people_serializers import (
    ApiKeyIn,
    ApiKeyListOut,
    ApiKeyOut,
    NewApiKeyOut,
    RotatedApiKeyOut,
    RotateIn,
    new_key,
)
from tenants.capabilities import KEYS_MANAGE
from tenants.errors import NotFound
from tenants.http.callers import own_membership_id
from tenants.http.openapi import parameters_of
from tenants.http.pagination import CursorQuery, body, decode_cursor, encode_cursor
from tenants.http.query import parse_query
from tenants.http.serializers import validated
from tenants.http.versions import V2View
from tenants.selectors import api_keys as selectors
from tenants.services import api_keys
from tenants.services.api_keys import NewKey

_LISTING = "api-keys:-id"


class ApiKeyQuery(CursorQuery, kw_only=True):
    """Filters of the list."""

    state: selectors.State | None = None


class ApiKeys(V2View):
    """The keys of the tenant; no key can read or make keys."""

    capability = KEYS_MANAGE
    idempotency_exempt = "the answer shows a secret once, and is never kept"

    @extend_schema(
        operation_id="api_keys_list",
        summary="List API keys, newest first; never with their secrets",
        parameters=parameters_of(ApiKeyQuery),
        responses=ApiKeyListOut,
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, ApiKeyQuery)
        before: UUID | None = None
        if query.cursor:
            (before,) = decode_cursor(_LISTING, query.cursor, tuple[UUID])
        found = selectors.api_keys(state=query.state)
        rows = list((found if before is None else found.filter(id__lt=before))[: query.size + 1])
        shown = rows[: query.size]
        cursor = encode_cursor(_LISTING, [shown[-1].id]) if len(rows) > query.size else None
        total = found.count() if query.wants_total else None
        return Response(body(list(ApiKeyOut(shown, many=True).data), cursor, total))

    @extend_schema(
        operation_id="api_keys_create",
        summary="Make a key with some of your own capabilities; its secret is shown this once",
        request=ApiKeyIn,
        responses={201: NewApiKeyOut},
        examples=[examples.API_KEY],
    )
    def post(self, request: Request) -> HttpResponseBase:
        given = validated(ApiKeyIn, request.data)
        made = api_keys.create_key(
            name=given["name"],
            scopes=given["scopes"],
            membership_id=own_membership_id(),
            lifetime=timedelta(days=given["expires_in_days"]),
        )
        return _shown_once(made)


class ApiKey(V2View):
    """One of them."""

    capability = KEYS_MANAGE

    @extend_schema(operation_id="api_keys_retrieve", summary="One API key", responses=ApiKeyOut)
    def get(self, request: Request, api_key_id: str) -> HttpResponseBase:
        del request
        found = selectors.api_key(key_id=ids.decode("key", api_key_id))
        if found is None:
            raise NotFound
        return Response(ApiKeyOut(found).data)

    @extend_schema(operation_id="api_keys_revoke", summary="End a key at once", responses={204: None})
    def delete(self, request: Request, api_key_id: str) -> HttpResponseBase:
        del request
        api_keys.revoke_key(key_id=ids.decode("key", api_key_id))
        return Response(status=204)


class ApiKeyRotation(V2View):
    """A key that follows another."""

    capability = KEYS_MANAGE
    idempotency_exempt = "the answer shows a secret once, and is never kept"

    @extend_schema(
        operation_id="api_keys_rotate",
        summary="Make a key that follows this one, which works on until a stated time",
        request=RotateIn,
        responses={201: RotatedApiKeyOut},
        examples=[examples.ROTATE],
    )
    def post(self, request: Request, api_key_id: str) -> HttpResponseBase:
        given = validated(RotateIn, request.data)
        made = api_keys.rotate_key(
            key_id=ids.decode("key", api_key_id),
            membership_id=own_membership_id(),
            overlap=timedelta(seconds=given["overlap_seconds"]),
        )
        return _shown_once(made)


def _shown_once(made: NewKey) -> Response:
    return Response(new_key(made), status=201, headers={"Cache-Control": "no-store"})
