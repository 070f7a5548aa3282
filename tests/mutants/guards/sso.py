"""The guards of trips to a provider and of ID tokens."""

from tests.mutants.guard import guard

OIDC = "tests/tenants/oidc"
ATTACKS = f"{OIDC}/test_attacks.py"
TOKENS = f"{OIDC}/test_id_tokens.py"
ID_TOKENS = "tenants/backends/oidc/id_tokens.py"
TRIPS = "tenants/workflows/sso.py"
ROUNDS = "tenants/services/sso.py"
THROTTLING = "tenants/http/throttling.py"

SSO = (
    guard(
        "whom one caller does not trust is not closed to others",
        "tenants/outbound.py",
        "    except (AnswerRefused, CertificateRefused):",
        "    except AnswerRefused:",
        "tests/tenants/test_outbound.py",
    ),
    guard(
        "sso: of a private network only the issuer's own host is asked",
        "tenants/backends/oidc/wire.py",
        "networks=settings.DIRECTORY_NETWORKS if host == urlsplit(issuer).hostname else (),",
        "networks=settings.DIRECTORY_NETWORKS,",
        f"{OIDC}/test_private_networks.py",
    ),
    guard(
        "a connection into a network that is open to one call is not kept for others",
        "tenants/outbound.py",
        "    with _new_client(tls or _public_trust(), networks) as client:\n        yield client\n",
        "    _shared_client()._transport = transport.GuardedTransport(_public_trust(), networks)\n"
        "    yield _shared_client()\n",
        "tests/tenants/test_outbound.py",
    ),
    guard(
        "sso: a state works once",
        ROUNDS,
        "SsoRound.objects.filter(id=found.id, used_at=None, expires_at__gt=now)",
        "SsoRound.objects.filter(id=found.id, expires_at__gt=now)",
        ATTACKS,
    ),
    guard(
        "sso: a state ends",
        ROUNDS,
        "used_at=None, expires_at__gt=now)",
        "used_at=None)",
        ATTACKS,
    ),
    guard(
        "sso: a trip ends in the browser it began in",
        ROUNDS,
        "    if not browser or not hmac.compare_digest(bytes(found.browser), _digest(browser)):\n",
        "    if not browser:\n",
        ATTACKS,
    ),
    guard(
        "sso: states are kept as digests",
        ROUNDS,
        "return hashlib.sha256(text.encode()).digest()",
        "return text.encode()",
        ATTACKS,
    ),
    guard(
        "sso: an answer says whose it is, and is believed",
        TRIPS,
        "        if not backend.is_issuer(answer.issuer):\n",
        "        if False:\n",
        ATTACKS,
    ),
    guard(
        "sso: a silent provider has an address for each tenant",
        TRIPS,
        "    elif not answer.slug or backend.names_itself():\n",
        "    elif False:\n",
        ATTACKS,
    ),
    guard(
        "sso: a tenant's own address is that tenant's",
        TRIPS,
        "    if answer.slug and answer.slug != tenant.slug:\n",
        "    if False:\n",
        ATTACKS,
    ),
    guard(
        "sso: the challenge of PKCE goes along",
        "tenants/backends/oidc/protocol.py",
        '    return Departure(flow["auth_uri"], ',
        '    return Departure(flow["auth_uri"].replace("code_challenge", "no_challenge"), ',
        f"{OIDC}/test_round_trip.py",
        ATTACKS,
    ),
    guard(
        "sso: the verifier is that of the trip",
        TRIPS,
        "nonce=kept.nonce, verifier=kept.verifier",
        'nonce=kept.nonce, verifier="v" * 43',
        f"{OIDC}/test_round_trip.py",
    ),
    guard(
        "sso: an invitation invites to its own tenant",
        TRIPS,
        "    if invitation and invitations.look_at(token=invitation).tenant.slug != slug:\n",
        "    if False:\n",
        f"{OIDC}/test_round_trip.py",
    ),
    guard(
        "sso: trips are counted by address",
        THROTTLING,
        "    _ensure_left(view, _counter.spend([limit]))\n\n\n@contextmanager",
        "    _counter.spend([])\n\n\n@contextmanager",
        ATTACKS,
    ),
    guard(
        "sso: returns in vain are counted by address",
        THROTTLING,
        "    _ensure_left(view, _counter.spend([limit]))\n    try:\n",
        "    try:\n",
        ATTACKS,
    ),
    guard(
        "sso: a state of no tenant begins no trail",
        TRIPS,
        "here.tenant_id if tenants.tenant_rows().exists() else None",
        "here.tenant_id",
        ATTACKS,
    ),
    guard(
        "id tokens: the signature is verified",
        ID_TOKENS,
        'options={"require": _REQUIRED},',
        'options={"require": _REQUIRED, "verify_signature": False, "verify_aud": True, "verify_iss": True,'
        ' "verify_exp": True, "verify_iat": True, "verify_nbf": True},',
        TOKENS,
    ),
    guard(
        "id tokens: only algorithms that the provider uses",
        ID_TOKENS,
        " or (provider.algorithms and algorithm not in provider.algorithms):\n",
        ":\n",
        TOKENS,
    ),
    guard(
        "id tokens: the issuer is the tenant's",
        ID_TOKENS,
        "            issuer=provider.issuer,\n",
        "",
        TOKENS,
    ),
    guard(
        "id tokens: they are meant for us",
        ID_TOKENS,
        "            audience=client_id,\n",
        '            audience=[client_id, "another-client"],\n',
        TOKENS,
    ),
    guard(
        "id tokens: the authorised party is us",
        ID_TOKENS,
        "return party in (None, client_id) and ",
        "return ",
        TOKENS,
    ),
    guard(
        "id tokens: they have to end",
        ID_TOKENS,
        '_REQUIRED: Final = ["iss", "sub", "aud", "exp", "iat"]',
        '_REQUIRED: Final = ["iss", "sub", "aud", "iat"]',
        TOKENS,
    ),
    guard(
        "id tokens: the nonce is that of the trip",
        ID_TOKENS,
        " or not _fits(nonce, claims):\n",
        ":\n",
        TOKENS,
    ),
    guard(
        "id tokens: of several keys none is guessed",
        ID_TOKENS,
        "        if len(fitting) == 1:\n",
        "        if fitting:\n",
        TOKENS,
    ),
    guard(
        "oidc: userinfo speaks of the same person",
        "tenants/backends/oidc/claims.py",
        '    if more.get("sub") != signed["sub"]:\n',
        "    if False:\n",
        TOKENS,
    ),
    guard(
        "oidc: a renewal is the same person's",
        "tenants/backends/oidc/backend.py",
        "        if people.subject_of(claims.all, client) != identity.subject:\n",
        "        if False:\n",
        f"{OIDC}/test_renewal.py",
    ),
    guard(
        "entra: a token of another directory is refused",
        "tenants/backends/oidc/people.py",
        '    if client.directory and claims.get("tid") != client.directory:\n',
        "    if False:\n",
        f"{OIDC}/test_entra.py",
    ),
    guard(
        "entra: groups left out are not taken for none",
        "tenants/backends/oidc/people.py",
        "        raise GroupsLeftOut\n",
        "        return frozenset()\n",
        f"{OIDC}/test_entra.py",
    ),
    guard(
        "oidc: the provider's second factor counts only where it is trusted",
        "tenants/backends/oidc/people.py",
        'each if client.trusts_second_factor else f"sso:{each}"',
        "each",
        f"{OIDC}/test_round_trip.py",
    ),
)
