"""All tables of guards as one."""

from tests.mutants.credit_guards import GUARDS as CREDITS
from tests.mutants.guards import GUARDED, Guard

EVERY: tuple[Guard, ...] = (*GUARDED, *CREDITS)
