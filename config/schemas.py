"""The OpenAPI documents of the two versions: served, browsed, and copied below docs/openapi."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

VERSIONS = ("v1", "v2")


class SchemaRejected(RuntimeError):
    """The schema is invalid, or drf-spectacular had to guess."""


class SchemaView(SpectacularAPIView):
    """The OpenAPI 3.1 document of one version; open to anybody."""

    public = True
    permission_classes = []
    authentication_classes = []


class DocsView(SpectacularSwaggerView):
    """A browsable reference; everything it loads comes from this installation."""

    public = True
    http_method_names = ["get", "head"]
    permission_classes = []
    authentication_classes = []


def _patterns(version: str) -> list[URLPattern | URLResolver]:
    return [path(f"api/{version}/", include(f"config.api_{version}"))]


def document(version: str) -> str:
    """The YAML of a version's schema. Raises SchemaRejected unless it is valid and free of guesses."""
    GENERATOR_STATS.reset()
    schema = SchemaGenerator(patterns=_patterns(version)).get_schema(request=None, public=True)
    if GENERATOR_STATS:
        GENERATOR_STATS.emit_summary()
        raise SchemaRejected(f"{version}: drf-spectacular warns, see above")
    validate_schema(schema)
    schema["info"]["version"] = version
    written: bytes = OpenApiYamlRenderer().render(schema, renderer_context={})
    return written.decode()


urlpatterns: list[URLPattern | URLResolver] = [
    *(
        path(
            f"api/{version}/schema/",
            SchemaView.as_view(patterns=_patterns(version)),
            name=f"{version}-schema",
        )
        for version in VERSIONS
    ),
    path("api/v2/docs/", DocsView.as_view(url_name="v2-schema"), name="v2-docs"),
]
