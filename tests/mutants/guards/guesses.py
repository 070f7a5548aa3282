"""The guards against guessed passwords and codes, and of our own tokens."""

from tests.mutants.guard import guard

LOGIN = "tests/tenants/login"
FACTORS = "tests/tenants/factors"
LOCKOUT = "tests/tenants/people/test_lockout.py"
JWTS = "tests/tenants/identity/test_token_attacks.py"
WAY_IN = "tenants/workflows/logins.py"
SIGNED = "tenants/tokens.py"
THROTTLING = "tenants/http/throttling.py"

GUESSES = (
    guard(
        "guesses: logins begun in advance give no more of them",
        "tenants/services/challenges.py",
        "    ensure_may_guess(membership_id=claims_of(token).membership_id)\n",
        "",
        f"{FACTORS}/test_codes.py",
    ),
    guard(
        "guesses: they are counted one by one",
        "tenants/services/challenges.py",
        "    Membership.all_objects.select_for_update(no_key=True).filter(id=membership_id).first()\n",
        "",
        f"{FACTORS}/test_codes.py",
    ),
    guard(
        "factors: who waits with an enrolment does not get round a factor",
        "tenants/workflows/challenges.py",
        "    if challenge.purpose == ChallengePurpose.ENROLMENT:\n",
        "    if False:\n",
        f"{FACTORS}/test_enrolment.py",
    ),
    guard(
        "factors: an app begun without a proof is void once there is a passkey",
        "tenants/services/passkeys.py",
        "    void_begun(membership_id=membership_id)\n",
        "",
        f"{FACTORS}/test_changes.py",
    ),
    guard(
        "factors: a passkey begun without a proof is void once there is an app",
        "tenants/services/totp.py",
        "    void_begun(membership_id=membership_id)\n",
        "",
        f"{FACTORS}/test_changes.py",
    ),
    guard(
        "factors: whoever may do less resets nobody who may do more",
        "tenants/services/factors.py",
        "    ensure_no_more(rights_of_member(membership_id=membership_id))\n",
        "",
        f"{FACTORS}/test_changes.py",
    ),
    guard(
        "guesses: whoever may do less unlocks nobody who may do more",
        "tenants/services/lockout.py",
        "    ensure_no_more(rights_of_member(membership_id=membership_id))\n",
        "",
        f"{FACTORS}/test_changes.py",
    ),
    guard(
        "guesses: another spelling is no further one",
        "tenants/domain/lockout.py",
        "{folded(username)}",
        "{username.casefold()}",
        LOCKOUT,
    ),
    guard(
        "guesses: a count that is given back keeps its end",
        THROTTLING,
        "if counted and counted > 0 then",
        "if true then",
        LOCKOUT,
    ),
    guard(
        "guesses: an outage is no time for them",
        WAY_IN,
        "    is_guess = True\n",
        "",
        f"{LOGIN}/test_outages.py",
    ),
    guard(
        "a break-glass password stays here however the name is spelt",
        WAY_IN,
        "folded(username) in map(folded, names)",
        "username in names",
        f"{LOGIN}/test_outages.py",
    ),
    guard(
        "a directory's login learns of no other company",
        "tenants/selectors/accounts.py",
        "    if login is None or login.backend != PASSWORD:\n",
        "    if False:\n",
        f"{LOGIN}/test_switching.py",
    ),
    guard(
        "a directory's login ends no session elsewhere",
        WAY_IN,
        "    if login is not None and login.backend != PASSWORD and actor.membership_id is not None:\n",
        "    if False:\n",
        f"{LOGIN}/test_switching.py",
    ),
    guard(
        "an administrator's removal outlives what the directory once took",
        "tenants/services/members.py",
        "    ExternalIdentity.objects.filter(membership_id=membership_id).update(lost_at=None)\n",
        "",
        f"{LOGIN}/test_joining.py",
    ),
    guard(
        "rights taken by a directory wait for those that people take",
        "tenants/services/provisioning.py",
        "    # In this order, as all who change members do.\n    hold_members()\n",
        "",
        f"{LOGIN}/test_following.py",
    ),
    guard(
        "an opened network never opens the metadata of a cloud",
        "tenants/addresses.py",
        "    if any(address in network for network in _NEVER):\n",
        "    if False:\n",
        "tests/tenants/test_addresses.py",
    ),
)

JWT = (
    guard(
        "tokens: the header is one of ours",
        SIGNED,
        "        if header.keys() != _HEADERS or ",
        "        if ",
        JWTS,
    ),
    guard(
        "tokens: one algorithm and no other",
        SIGNED,
        ' or header["alg"] != self.algorithm',
        "",
        JWTS,
        "tests/tenants/identity",
    ),
    guard(
        "tokens: each kind is good for its own purpose",
        SIGNED,
        ' or header["typ"] != self.typ:\n',
        ":\n",
        JWTS,
    ),
    guard(
        "tokens: no claim is left out",
        SIGNED,
        "        if any(name not in claims for name in _REQUIRED) or ",
        "        if ",
        JWTS,
    ),
    guard(
        "tokens: former keys verify",
        SIGNED,
        "keys=(settings.JWT_SIGNING_KEY, *settings.JWT_PREVIOUS_KEYS)",
        "keys=(settings.JWT_SIGNING_KEY,)",
        JWTS,
    ),
    guard(
        "tokens: secrets are not published",
        SIGNED,
        'return Key(_thumbprint({"k": hashlib.sha256(secret).hexdigest()}), secret, secret, None)',
        'return Key(_thumbprint({"k": hashlib.sha256(secret).hexdigest()}), secret, secret, {"k": text})',
        JWTS,
    ),
)
