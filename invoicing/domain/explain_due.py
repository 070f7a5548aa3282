"""How a due date came about."""

from collections.abc import Iterator

from invoicing.domain.explain_step import Step
from invoicing.domain.record import InvoiceRecord
from invoicing.domain.schedule import in_words


def explain_due(record: InvoiceRecord) -> Iterator[Step]:
    """The step to the due date (BT-9), where the document has one; dates are ISO 8601."""
    if record.due_date is None:
        return
    due, issued = record.due_date.isoformat(), record.issue_date
    # A draft's due date is always one that was stated; its terms count from the day of issue.
    if record.number is None or issued is None:
        yield Step("BT-9", "as given", "/due_date", "the date given", (), due, due)
        return
    inputs = [("issue date (BT-2)", issued.isoformat())]
    rule, formula = "as given or payment days", "issue date + days"
    if record.due_rule is not None:
        rule, formula = "payment terms", in_words(record.due_rule)
    else:
        inputs.append(("days", str((record.due_date - issued).days)))
    yield Step("BT-9", rule, "/due_date", formula, tuple(inputs), due, due)
