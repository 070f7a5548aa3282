"""All guards, a table a subject."""

from tests.mutants.guard import Guard
from tests.mutants.guards.credits import CREDITS
from tests.mutants.guards.directories import DIRECTORIES
from tests.mutants.guards.exchange import EXCHANGE
from tests.mutants.guards.factors import FACTORS
from tests.mutants.guards.floor import FLOOR, TRAIL
from tests.mutants.guards.guesses import GUESSES, JWT
from tests.mutants.guards.identity import IDENTITY, LOGINS
from tests.mutants.guards.invoicing import INVOICING
from tests.mutants.guards.ledger import LEDGER
from tests.mutants.guards.parties import PARTIES
from tests.mutants.guards.people import PEOPLE
from tests.mutants.guards.periods import PERIODS
from tests.mutants.guards.rights import RIGHTS
from tests.mutants.guards.sso import SSO
from tests.mutants.guards.taxes import TAXES
from tests.mutants.guards.tenancy import TENANCY

EVERY: tuple[Guard, ...] = (
    *TENANCY,
    *IDENTITY,
    *LOGINS,
    *PEOPLE,
    *FACTORS,
    *DIRECTORIES,
    *INVOICING,
    *TRAIL,
    *FLOOR,
    *SSO,
    *GUESSES,
    *JWT,
    *CREDITS,
    *LEDGER,
    *EXCHANGE,
    *PARTIES,
    *PERIODS,
    *RIGHTS,
    *TAXES,
)
