"""The guards of second factors and passwords."""

from tests.mutants.guard import Guard, cut, swap

FACTOR_TESTS = "tests/tenants/factors"
CODE_TESTS = f"{FACTOR_TESTS}/test_codes.py"
PASSKEY_TESTS = f"{FACTOR_TESTS}/test_passkeys.py"
CHANGE_TESTS = f"{FACTOR_TESTS}/test_changes.py"
ENROLMENT_TESTS = f"{FACTOR_TESTS}/test_enrolment.py"
PASSWORD_TESTS = f"{FACTOR_TESTS}/test_password_policy.py"

FACTORS = (
    Guard(
        "factors: a code works once",
        cut("tenants/services/totp.py", ", last_step__lt=step"),
        (CODE_TESTS,),
    ),
    Guard(
        "factors: a code is good in its time",
        swap("tenants/domain/totp.py", "WINDOW: Final = 1", "WINDOW: Final = 2"),
        (CODE_TESTS,),
    ),
    Guard(
        "factors: who begins again makes the former secret void",
        cut(
            "tenants/services/totp.py",
            "    TotpDevice.objects.filter(membership_id=membership_id, confirmed_at=None).delete()\n",
        ),
        (CODE_TESTS, ENROLMENT_TESTS),
    ),
    Guard(
        "factors: a recovery code works once",
        swap("tenants/services/recovery.py", ", digest=digest, used_at=None", ", digest=digest"),
        (CHANGE_TESTS,),
    ),
    Guard(
        "factors: passkeys answer our origin alone",
        swap("tenants/ceremonies.py", "=_origin()", '=[_origin(), "http://billing.example"]'),
        (PASSKEY_TESTS,),
    ),
    Guard(
        "factors: passkeys verify their user",
        swap("tenants/ceremonies.py", "require_user_verification=True", "require_user_verification=False"),
        (PASSKEY_TESTS,),
    ),
    Guard(
        "factors: the counter of a passkey grows where it is written",
        swap(
            "tenants/services/passkeys.py",
            "rows.filter(sign_count__lt=count) if count else rows.filter(sign_count=0)",
            "rows.all()",
        ),
        (PASSKEY_TESTS,),
    ),
    Guard(
        "factors: what a browser was asked at a login is answered once",
        cut("tenants/services/proofs.py", "    row.webauthn_challenge = None\n"),
        (PASSKEY_TESTS,),
    ),
    Guard(
        "factors: a ceremony is answered once",
        cut("tenants/services/proofs.py", "attempts=0, "),
        (PASSKEY_TESTS, CHANGE_TESTS),
    ),
    Guard(
        "factors: a ceremony serves one purpose",
        swap(
            "tenants/services/proofs.py",
            "membership_id=membership_id, purpose=purpose)",
            "membership_id=membership_id)",
        ),
        (PASSKEY_TESTS,),
    ),
    Guard(
        "factors: one goes with a proof only",
        swap(
            "tenants/workflows/factors.py",
            "    ensure_proved(member=member, answer=proof)\n    totp.remove",
            "    totp.remove",
        ),
        (CHANGE_TESTS,),
    ),
    Guard(
        "factors: another one comes with a proof only",
        cut("tenants/workflows/factors.py", "    _ensure_may_add(member, proof)\n"),
        (CHANGE_TESTS,),
    ),
    Guard(
        "factors: proofs are counted before they are looked at",
        swap(
            "tenants/services/proofs.py",
            "    ensure_may_guess(membership_id=membership_id)\n    return _keep(membership_id, PROOF",
            "    return _keep(membership_id, PROOF",
        ),
        (CHANGE_TESTS,),
    ),
    Guard(
        "factors: the last one stays where it is demanded",
        swap("tenants/services/factors.py", "        raise LastFactor\n", "        pass\n"),
        (CHANGE_TESTS,),
    ),
    Guard(
        "factors: recovery codes go with the last one",
        cut(
            "tenants/services/factors.py",
            "    RecoveryCode.objects.filter(membership_id=member.id).delete()\n",
        ),
        (CHANGE_TESTS,),
    ),
    Guard(
        "factors: nobody resets oneself",
        swap(
            "tenants/services/factors.py",
            "if scope.current().actor.membership_id == membership_id:",
            "if False:",
        ),
        (CHANGE_TESTS,),
    ),
    Guard(
        "factors: a reset ends the sessions",
        cut(
            "tenants/services/factors.py",
            '    sessions.revoke_all(membership_id=membership_id, because="factors-reset")\n',
        ),
        (CHANGE_TESTS,),
    ),
    Guard(
        "passwords: former ones are refused",
        cut(
            "tenants/backends/password.py",
            "        ensure_unused(new_password, hashes=user.password_history[: policy.history])\n",
        ),
        (PASSWORD_TESTS,),
    ),
    Guard(
        "passwords: common ones are refused",
        swap("tenants/backends/policy.py", "is_common=common", "is_common=False"),
        (PASSWORD_TESTS,),
    ),
    Guard(
        "passwords: an old one has to be changed",
        cut("tenants/backends/password.py", " or _is_over(known.set_at, policy)"),
        (PASSWORD_TESTS,),
    ),
    Guard(
        "passwords: one that was changed meanwhile is not changed by force",
        swap("tenants/backends/password.py", "if user.password_changed_at != set_at:", "if False:"),
        (PASSWORD_TESTS,),
    ),
)
