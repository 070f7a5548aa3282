"""All tables of guards as one."""

from tests.mutants.credit_guards import GUARDS as CREDITS
from tests.mutants.exchange_guards import GUARDS as EXCHANGE
from tests.mutants.guards import GUARDED, Guard
from tests.mutants.ledger_guards import GUARDS as LEDGER
from tests.mutants.login_guards import GUARDS as LOGINS
from tests.mutants.party_guards import GUARDS as PARTIES
from tests.mutants.period_guards import GUARDS as PERIODS
from tests.mutants.rights_guards import GUARDS as RIGHTS
from tests.mutants.tax_guards import GUARDS as TAXES

EVERY: tuple[Guard, ...] = (
    *GUARDED,
    *LOGINS,
    *CREDITS,
    *LEDGER,
    *EXCHANGE,
    *PARTIES,
    *PERIODS,
    *RIGHTS,
    *TAXES,
)
