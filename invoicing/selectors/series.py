"""Reading number series."""

from uuid import UUID

from django.db.models import QuerySet

from invoicing.models import Series
from invoicing.selectors.master_data import find, select


def get_series(*, series_id: UUID) -> Series:
    """One series, open or not. Raises NotFound."""
    return find(Series, series_id)


def list_series(
    *,
    q: str | None = None,
    legal_entity: UUID | None = None,
    document_type: str | None = None,
    ordering: str = "code",
    include_inactive: bool = False,
) -> QuerySet[Series]:
    """Series by `ordering`; `q` is the beginning of the code in any case, the rest matches exactly."""
    conditions = {
        "code__istartswith": q,
        "legal_entity_id": legal_entity,
        "document_type": document_type,
    }
    return select(Series, ordering=ordering, include_inactive=include_inactive, conditions=conditions)
