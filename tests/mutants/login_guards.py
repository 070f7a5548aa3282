"""The guards of trips to a provider, of ID tokens and of guesses; others in `tests.mutants.guards`."""

from tests.mutants.guards import Edit, Guard

OIDC = "tests/tenants/oidc"
ATTACKS = f"{OIDC}/test_attacks.py"
TOKENS = f"{OIDC}/test_id_tokens.py"
LOGIN = "tests/tenants/login"
FACTORS = "tests/tenants/factors"
LOCKOUT = "tests/tenants/people/test_lockout.py"
JWTS = "tests/tenants/identity/test_token_attacks.py"
ID_TOKENS = "tenants/backends/oidc/id_tokens.py"
TRIPS = "tenants/workflows/sso.py"
ROUNDS = "tenants/services/sso.py"
WAY_IN = "tenants/workflows/logins.py"
SIGNED = "tenants/tokens.py"
THROTTLING = "tenants/http/throttling.py"


def _guard(name: str, path: str, text: str, replacement: str, *tests: str) -> Guard:
    edit: Edit = (path, text, replacement)
    return Guard(name, (edit,), tests)


SSO = (
    _guard(
        "sso: a state works once",
        ROUNDS,
        "SsoRound.objects.filter(id=found.id, used_at=None, expires_at__gt=now)",
        "SsoRound.objects.filter(id=found.id, expires_at__gt=now)",
        ATTACKS,
    ),
    _guard(
        "sso: a state ends",
        ROUNDS,
        "used_at=None, expires_at__gt=now)",
        "used_at=None)",
        ATTACKS,
    ),
    _guard(
        "sso: a trip ends in the browser it began in",
        ROUNDS,
        "    if not browser or not hmac.compare_digest(bytes(found.browser), _digest(browser)):\n",
        "    if not browser:\n",
        ATTACKS,
    ),
    _guard(
        "sso: states are kept as digests",
        ROUNDS,
        "return hashlib.sha256(text.encode()).digest()",
        "return text.encode()",
        ATTACKS,
    ),
    _guard(
        "sso: an answer says whose it is, and is believed",
        TRIPS,
        "        if not backend.is_issuer(answer.issuer):\n",
        "        if False:\n",
        ATTACKS,
    ),
    _guard(
        "sso: a silent provider has an address for each tenant",
        TRIPS,
        "    elif not answer.slug or backend.names_itself():\n",
        "    elif False:\n",
        ATTACKS,
    ),
    _guard(
        "sso: a tenant's own address is that tenant's",
        TRIPS,
        "    if answer.slug and answer.slug != tenant.slug:\n",
        "    if False:\n",
        ATTACKS,
    ),
    _guard(
        "sso: the challenge of PKCE goes along",
        "tenants/backends/oidc/protocol.py",
        '    return Departure(flow["auth_uri"], ',
        '    return Departure(flow["auth_uri"].replace("code_challenge", "no_challenge"), ',
        f"{OIDC}/test_round_trip.py",
        ATTACKS,
    ),
    _guard(
        "sso: the verifier is that of the trip",
        TRIPS,
        "nonce=kept.nonce, verifier=kept.verifier",
        'nonce=kept.nonce, verifier="v" * 43',
        f"{OIDC}/test_round_trip.py",
    ),
    _guard(
        "sso: an invitation invites to its own tenant",
        TRIPS,
        "    if invitation and invitations.look_at(token=invitation).tenant.slug != slug:\n",
        "    if False:\n",
        f"{OIDC}/test_round_trip.py",
    ),
    _guard(
        "sso: trips are counted by address",
        THROTTLING,
        "    _ensure_left(view, _counter.spend([limit]))\n\n\n@contextmanager",
        "    _counter.spend([])\n\n\n@contextmanager",
        ATTACKS,
    ),
    _guard(
        "sso: returns in vain are counted by address",
        THROTTLING,
        "    _ensure_left(view, _counter.spend([limit]))\n    try:\n",
        "    try:\n",
        ATTACKS,
    ),
    _guard(
        "sso: a state of no tenant begins no trail",
        TRIPS,
        "here.tenant_id if tenants.tenant_rows().exists() else None",
        "here.tenant_id",
        ATTACKS,
    ),
    _guard(
        "id tokens: the signature is verified",
        ID_TOKENS,
        'options={"require": _REQUIRED},',
        'options={"require": _REQUIRED, "verify_signature": False, "verify_aud": True, "verify_iss": True,'
        ' "verify_exp": True, "verify_iat": True, "verify_nbf": True},',
        TOKENS,
    ),
    _guard(
        "id tokens: only algorithms that the provider uses",
        ID_TOKENS,
        " or (provider.algorithms and algorithm not in provider.algorithms):\n",
        ":\n",
        TOKENS,
    ),
    _guard(
        "id tokens: the issuer is the tenant's",
        ID_TOKENS,
        "            issuer=provider.issuer,\n",
        "",
        TOKENS,
    ),
    _guard(
        "id tokens: they are meant for us",
        ID_TOKENS,
        "            audience=client_id,\n",
        '            audience=[client_id, "another-client"],\n',
        TOKENS,
    ),
    _guard(
        "id tokens: the authorised party is us",
        ID_TOKENS,
        "return party in (None, client_id) and ",
        "return ",
        TOKENS,
    ),
    _guard(
        "id tokens: they have to end",
        ID_TOKENS,
        '_REQUIRED: Final = ["iss", "sub", "aud", "exp", "iat"]',
        '_REQUIRED: Final = ["iss", "sub", "aud", "iat"]',
        TOKENS,
    ),
    _guard(
        "id tokens: the nonce is that of the trip",
        ID_TOKENS,
        " or not _fits(nonce, claims):\n",
        ":\n",
        TOKENS,
    ),
    _guard(
        "id tokens: a header that must be understood is refused",
        ID_TOKENS,
        '    if "crit" in header or not',
        "    if not",
        TOKENS,
    ),
    _guard(
        "id tokens: of several keys none is guessed",
        ID_TOKENS,
        "        if len(fitting) == 1:\n",
        "        if fitting:\n",
        TOKENS,
    ),
    _guard(
        "oidc: userinfo speaks of the same person",
        "tenants/backends/oidc/claims.py",
        '    if more.get("sub") != signed["sub"]:\n',
        "    if False:\n",
        TOKENS,
    ),
    _guard(
        "oidc: a renewal is the same person's",
        "tenants/backends/oidc/backend.py",
        "        if people.subject_of(claims.all, client) != identity.subject:\n",
        "        if False:\n",
        f"{OIDC}/test_renewal.py",
    ),
    _guard(
        "entra: a token of another directory is refused",
        "tenants/backends/oidc/people.py",
        '    if client.directory and claims.get("tid") != client.directory:\n',
        "    if False:\n",
        f"{OIDC}/test_entra.py",
    ),
    _guard(
        "entra: groups left out are not taken for none",
        "tenants/backends/oidc/people.py",
        "        raise GroupsLeftOut\n",
        "        return frozenset()\n",
        f"{OIDC}/test_entra.py",
    ),
    _guard(
        "oidc: the provider's second factor counts only where it is trusted",
        "tenants/backends/oidc/people.py",
        'each if client.trusts_second_factor else f"sso:{each}"',
        "each",
        f"{OIDC}/test_round_trip.py",
    ),
)

GUESSES = (
    _guard(
        "guesses: logins begun in advance give no more of them",
        "tenants/services/challenges.py",
        "    ensure_may_guess(membership_id=claims_of(token).membership_id)\n",
        "",
        f"{FACTORS}/test_codes.py",
    ),
    _guard(
        "guesses: they are counted one by one",
        "tenants/services/challenges.py",
        "    Membership.all_objects.select_for_update(no_key=True).filter(id=membership_id).first()\n",
        "",
        f"{FACTORS}/test_codes.py",
    ),
    _guard(
        "factors: who waits with an enrolment does not get round a factor",
        "tenants/workflows/challenges.py",
        "    if challenge.purpose == ChallengePurpose.ENROLMENT:\n",
        "    if False:\n",
        f"{FACTORS}/test_enrolment.py",
    ),
    _guard(
        "factors: an app begun without a proof is void once there is a passkey",
        "tenants/services/passkeys.py",
        "    void_begun(membership_id=membership_id)\n",
        "",
        f"{FACTORS}/test_changes.py",
    ),
    _guard(
        "factors: a passkey begun without a proof is void once there is an app",
        "tenants/services/totp.py",
        "    void_begun(membership_id=membership_id)\n",
        "",
        f"{FACTORS}/test_changes.py",
    ),
    _guard(
        "factors: whoever may do less resets nobody who may do more",
        "tenants/services/factors.py",
        "    ensure_no_more(rights_of_member(membership_id=membership_id))\n",
        "",
        f"{FACTORS}/test_changes.py",
    ),
    _guard(
        "guesses: whoever may do less unlocks nobody who may do more",
        "tenants/services/lockout.py",
        "    ensure_no_more(rights_of_member(membership_id=membership_id))\n",
        "",
        f"{FACTORS}/test_changes.py",
    ),
    _guard(
        "guesses: another spelling is no further one",
        "tenants/domain/lockout.py",
        "{folded(username)}",
        "{username.casefold()}",
        LOCKOUT,
    ),
    _guard(
        "guesses: a count that is given back keeps its end",
        THROTTLING,
        "if counted and counted > 0 then",
        "if true then",
        LOCKOUT,
    ),
    _guard(
        "guesses: an outage is no time for them",
        WAY_IN,
        "    is_guess = True\n",
        "",
        f"{LOGIN}/test_outages.py",
    ),
    _guard(
        "a break-glass password stays here however the name is spelt",
        WAY_IN,
        "folded(username) in map(folded, names)",
        "username in names",
        f"{LOGIN}/test_outages.py",
    ),
    _guard(
        "a directory's login learns of no other company",
        "tenants/selectors/accounts.py",
        "    if login is None or login.backend != PASSWORD:\n",
        "    if False:\n",
        f"{LOGIN}/test_switching.py",
    ),
    _guard(
        "a directory's login ends no session elsewhere",
        WAY_IN,
        "    if login is not None and login.backend != PASSWORD and actor.membership_id is not None:\n",
        "    if False:\n",
        f"{LOGIN}/test_switching.py",
    ),
    _guard(
        "an administrator's removal outlives what the directory once took",
        "tenants/services/members.py",
        "    ExternalIdentity.objects.filter(membership_id=membership_id).update(lost_at=None)\n",
        "",
        f"{LOGIN}/test_joining.py",
    ),
    _guard(
        "rights taken by a directory wait for those that people take",
        "tenants/services/provisioning.py",
        "    # In this order, as all who change members do.\n    hold_members()\n",
        "",
        f"{LOGIN}/test_following.py",
    ),
    _guard(
        "an opened network never opens the metadata of a cloud",
        "tenants/addresses.py",
        "    if any(address in network for network in _NEVER):\n",
        "    if False:\n",
        "tests/tenants/test_addresses.py",
    ),
)

JWT = (
    _guard(
        "tokens: the header is one of ours",
        SIGNED,
        "        if header.keys() != _HEADERS or ",
        "        if ",
        JWTS,
    ),
    _guard(
        "tokens: one algorithm and no other",
        SIGNED,
        ' or header["alg"] != self.algorithm',
        "",
        JWTS,
        "tests/tenants/identity",
    ),
    _guard(
        "tokens: each kind is good for its own purpose",
        SIGNED,
        ' or header["typ"] != self.typ:\n',
        ":\n",
        JWTS,
    ),
    _guard(
        "tokens: no claim is left out",
        SIGNED,
        "        if any(name not in claims for name in _REQUIRED) or ",
        "        if ",
        JWTS,
    ),
    _guard(
        "tokens: former keys verify",
        SIGNED,
        "keys=(settings.JWT_SIGNING_KEY, *settings.JWT_PREVIOUS_KEYS)",
        "keys=(settings.JWT_SIGNING_KEY,)",
        JWTS,
    ),
    _guard(
        "tokens: secrets are not published",
        SIGNED,
        'return Key(_thumbprint({"k": hashlib.sha256(secret).hexdigest()}), secret, secret, None)',
        'return Key(_thumbprint({"k": hashlib.sha256(secret).hexdigest()}), secret, secret, {"k": text})',
        JWTS,
    ),
)

GUARDS = (*SSO, *GUESSES, *JWT)
