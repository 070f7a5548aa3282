"""Failed logins, counted where nobody can flush them."""

from typing import ClassVar

from django.db import models

from tenants.models.base import TenantModel


class LoginGuard(TenantModel):
    """What was tried in vain under one name from one place, whether or not anybody bears the name.

    `username_digest` is the SHA-256 of the name, `place` that of a network its bearer has logged in
    from, or of nothing for all others together. `failures` counts since `began_at`; until `locked_until`
    every login under the name from there is refused.
    """

    public_prefix: ClassVar[str] = "grd"

    username_digest = models.BinaryField(max_length=32)
    place = models.BinaryField(max_length=32, default=bytes)
    failures = models.PositiveIntegerField(default=0)
    began_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "username_digest", "place"], name="tenants_loginguard_name"
            )
        ]
