"""The keys by which others can check our access tokens, where those are asymmetric."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.views import View

from tenants import tokens
from tenants.http import problems
from tenants.http.rendering import JSONBytes, to_json


class PublicKeys(View):
    """A JWK set (RFC 7517); 404 while tokens are signed with a secret (HS256)."""

    public = True

    def get(self, request: HttpRequest) -> HttpResponseBase:
        keys = tokens.public_keys()
        if not keys:
            return problems.respond(problems.NOT_FOUND, request)
        return JSONBytes(to_json({"keys": keys}), headers={"Cache-Control": "public, max-age=300"})


urlpatterns: list[URLPattern] = [path(".well-known/jwks.json", PublicKeys.as_view(), name="jwks")]
