"""Password hashes as they were made under former parameters."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class FormerArgon2(Argon2PasswordHasher):
    """One pass over little memory."""

    time_cost = 1
    memory_cost = 8192


class CountingArgon2(FormerArgon2):
    """A cheap one that takes down how often a hash is computed, whether to store or to compare it."""

    computed = 0

    def encode(self, password: str, salt: str) -> str:
        type(self).computed += 1
        return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        type(self).computed += 1
        return super().verify(password, encoded)
