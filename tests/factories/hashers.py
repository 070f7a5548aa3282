"""Password hashes as they were made under former parameters."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class FormerArgon2(Argon2PasswordHasher):
    """One pass over little memory."""

    time_cost = 1
    memory_cost = 8192
