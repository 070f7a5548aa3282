"""Servers that are down, slow, or not who they say they are; none of it is ever a wrong password."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from tenants.backends.base import DirectoryUnavailable
from tenants.backends.ldap import health
from tenants.backends.ldap.backend import LdapBackend
from tenants.errors import DomainError, Kind
from tenants.models import Tenant
from tests.factories import deactivate_tenant, scope_of
from tests.tenants.ldap.certificates import Files, authority, server_files
from tests.tenants.ldap.configured import Configure
from tests.tenants.ldap.slapd import CLOSED, PEOPLE, READER, SUFFIX, Person, Slapd
from tests.tenants.ldap.wire import (
    BUSY,
    INVALID_CREDENTIALS,
    REFERRAL,
    SUCCESS,
    Answer,
    Script,
    front,
    wire,
)

# What a server gets here, and a bound that leaves room for a busy machine.
_PATIENCE = 0.5
_BOUND_SECONDS = 1.2
_ADA = (f"uid=ada,{PEOPLE}", {"entryUUID": [b"6f6ab4ba-0000-4000-8000-3b1f4de0a6b1"], "uid": [b"ada"]})
_QUICK = {"connect_timeout": _PATIENCE, "operation_timeout": _PATIENCE}


@dataclass(frozen=True)
class Place:
    """What a server may be made of."""

    slapd: Slapd
    directory: Path

    def files(self, name: str, *, host: str = "127.0.0.1", has_expired: bool = False) -> Files:
        return server_files(self.slapd.authority, self.directory, name, host=host, has_expired=has_expired)


@pytest.fixture(scope="session")
def place(slapd: Slapd, tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(slapd, tmp_path_factory.mktemp("servers"))


@pytest.fixture(scope="session")
def ada(slapd: Slapd) -> Person:
    return slapd.person()


@contextmanager
def slapd_over_tls(place: Place) -> Iterator[str]:
    yield place.slapd.ldaps_url


@contextmanager
def slapd_by_start_tls(place: Place) -> Iterator[str]:
    yield place.slapd.start_tls_url


@contextmanager
def nobody_listens(_: Place) -> Iterator[str]:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"ldaps://127.0.0.1:{bound.getsockname()[1]}"


@contextmanager
def backlog_is_full(_: Place) -> Iterator[str]:
    """Takes no further connection, as a host that drops packets."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, ExitStack() as held:
        port = listener.getsockname()[1]
        for _attempt in range(2):
            waiting = held.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(("127.0.0.1", port))
        yield f"ldaps://127.0.0.1:{port}"


@contextmanager
def unknown_name(_: Place) -> Iterator[str]:
    yield "ldaps://no-such-host.invalid"


@contextmanager
def private_address(_: Place) -> Iterator[str]:
    yield "ldaps://10.1.2.3"


@contextmanager
def metadata_address(_: Place) -> Iterator[str]:
    yield "ldap://169.254.169.254"


@contextmanager
def says_nothing(_: Place) -> Iterator[str]:
    with front(None) as port:
        yield f"ldaps://127.0.0.1:{port}"


@contextmanager
def says_nothing_to_start_tls(_: Place) -> Iterator[str]:
    with front(None) as port:
        yield f"ldap://127.0.0.1:{port}"


@contextmanager
def silent_after_handshake(place: Place) -> Iterator[str]:
    with front(place.slapd.files) as port:
        yield f"ldaps://127.0.0.1:{port}"


@contextmanager
def silent_after_bind(place: Place) -> Iterator[str]:
    with front(place.slapd.files, port=place.slapd.port, silent_after=1) as port:
        yield f"ldaps://127.0.0.1:{port}"


@contextmanager
def relayed(place: Place) -> Iterator[str]:
    with front(place.slapd.files, port=place.slapd.port) as port:
        yield f"ldaps://127.0.0.1:{port}"


@contextmanager
def certificate_of_another_name(place: Place) -> Iterator[str]:
    with front(place.files("other-name", host="dc1.example.org"), port=place.slapd.port) as port:
        yield f"ldaps://127.0.0.1:{port}"


@contextmanager
def certificate_of_another_address(place: Place) -> Iterator[str]:
    with front(place.files("other-address", host="127.0.0.2"), port=place.slapd.port) as port:
        yield f"ldaps://127.0.0.1:{port}"


@contextmanager
def certificate_has_expired(place: Place) -> Iterator[str]:
    with front(place.files("expired", has_expired=True), port=place.slapd.port) as port:
        yield f"ldaps://127.0.0.1:{port}"


@contextmanager
def certificate_of_another_authority(place: Place) -> Iterator[str]:
    stranger = authority("Somebody else")
    files = server_files(stranger, place.directory, "stranger")
    with front(files, port=place.slapd.port) as port:
        yield f"ldaps://127.0.0.1:{port}"


@contextmanager
def plain_where_tls_is_wanted(place: Place) -> Iterator[str]:
    yield f"ldaps://127.0.0.1:{place.slapd.port}"


@contextmanager
def tls_where_start_tls_is_wanted(place: Place) -> Iterator[str]:
    yield f"ldap://127.0.0.1:{place.slapd.ldaps_port}"


@contextmanager
def start_tls_refused(place: Place) -> Iterator[str]:
    with wire(place.slapd.files, Script(start_tls=(52, "no TLS here")), is_plain=True) as served:
        yield served.url.replace("ldaps", "ldap")


@contextmanager
def start_tls_agreed_but_not_done(place: Place) -> Iterator[str]:
    with wire(place.slapd.files, Script(start_tls=SUCCESS), is_plain=True) as served:
        yield served.url.replace("ldaps", "ldap")


@contextmanager
def more_than_an_answer_before_tls(place: Place) -> Iterator[str]:
    script = Script(start_tls=SUCCESS, before_tls=b"\x30\x0c\x02\x01\x02\x61\x07\x0a\x01\x00\x04\x00\x04\x00")
    with wire(place.slapd.files, script, is_plain=True) as served:
        yield served.url.replace("ldaps", "ldap")


@contextmanager
def not_ldap_at_all(place: Place) -> Iterator[str]:
    with wire(place.slapd.files, Script(), is_plain=True) as served:
        yield served.url.replace("ldaps", "ldap")


MakeServer = Callable[[Place], AbstractContextManager[str]]

SERVERS: list[tuple[MakeServer, str, str]] = [
    (slapd_over_tls, "in", ""),
    (slapd_by_start_tls, "in", ""),
    (relayed, "in", ""),
    (nobody_listens, "unavailable", "connect"),
    (backlog_is_full, "unavailable", "connect"),
    (unknown_name, "unavailable", "resolve"),
    (private_address, "unavailable", "resolve"),
    (metadata_address, "unavailable", "resolve"),
    (says_nothing, "unavailable", "tls"),
    (says_nothing_to_start_tls, "unavailable", "tls"),
    (silent_after_handshake, "unavailable", "bind"),
    (silent_after_bind, "unavailable", "search base"),
    (certificate_of_another_name, "unavailable", "tls"),
    (certificate_of_another_address, "unavailable", "tls"),
    (certificate_has_expired, "unavailable", "tls"),
    (certificate_of_another_authority, "unavailable", "tls"),
    (plain_where_tls_is_wanted, "unavailable", "tls"),
    (tls_where_start_tls_is_wanted, "unavailable", "tls"),
    (start_tls_refused, "unavailable", "tls"),
    (start_tls_agreed_but_not_done, "unavailable", "tls"),
    (more_than_an_answer_before_tls, "unavailable", "tls"),
    (not_ldap_at_all, "unavailable", "tls"),
]


@pytest.mark.parametrize(("server", "answer", "step"), SERVERS, ids=[row[0].__name__ for row in SERVERS])
def test_a_server_gets_the_stated_answer_in_bounded_time(
    server: MakeServer,
    answer: str,
    step: str,
    place: Place,
    ada: Person,
    configure: Configure,
) -> None:
    with server(place) as url:
        there = configure(servers=[url], **_QUICK)
        began = time.monotonic()
        assert there.answer(ada.uid, ada.password) == answer
        assert time.monotonic() - began < _BOUND_SECONDS
        steps = there.test()
        assert [taken.ok for taken in steps] == [True] * (len(steps) - 1) + [not step]
        assert not step or steps[-1].name == step


@pytest.mark.parametrize(
    "server",
    [nobody_listens, says_nothing, silent_after_handshake, silent_after_bind, certificate_has_expired],
    ids=lambda server: server.__name__,
)
def test_the_next_server_is_asked(
    server: MakeServer, place: Place, ada: Person, configure: Configure
) -> None:
    with server(place) as url:
        there = configure(servers=[url, place.slapd.ldaps_url], **_QUICK)
        assert there.answer(ada.uid, ada.password) == "in"
        assert there.answer(ada.uid, "wrong") == "refused"
        # The first one is known to be down by now, and asked last.
        began = time.monotonic()
        assert there.answer(ada.uid, ada.password) == "in"
        assert time.monotonic() - began < _PATIENCE


def test_a_refused_password_is_not_tried_at_the_next_server(slapd: Slapd, configure: Configure) -> None:
    refusing = Script(bind=_only("good"), entries={PEOPLE: [_ADA]})
    with wire(slapd.files, refusing) as first, wire(slapd.files, refusing) as second:
        there = configure(servers=[first.url, second.url])
        assert there.answer("ada", "bad") == "refused"
        assert first.requests
        assert not second.requests


@pytest.mark.parametrize(
    "code", [BUSY, 52, 1, 80, 3], ids=["busy", "unavailable", "operations", "other", "time"]
)
def test_an_ailing_server_is_no_wrong_password(code: int, slapd: Slapd, configure: Configure) -> None:
    ailing = Script(bind=_only("good", otherwise=(code, "")), entries={PEOPLE: [_ADA]})
    with wire(slapd.files, ailing) as served:
        assert configure(servers=[served.url]).answer("ada", "whatever") == "unavailable"


def test_a_server_that_refers_to_another_gives_no_verdict(slapd: Slapd, configure: Configure) -> None:
    with wire(slapd.files, Script()) as other:
        script = Script(
            bind=_only("good", otherwise=(REFERRAL, "")),
            entries={PEOPLE: [_ADA]},
            refers_to=f"ldap://127.0.0.1:{other.port}/",
        )
        with wire(slapd.files, script) as served:
            assert configure(servers=[served.url]).answer("ada", "whatever") == "unavailable"
        # Neither the name nor the password went there.
        assert not other.requests


def test_a_name_that_nobody_has_costs_a_bind_too(slapd: Slapd, configure: Configure) -> None:
    for entries in ({PEOPLE: [_ADA]}, {}):
        with wire(slapd.files, Script(bind=_only("good"), entries=entries)) as served:
            assert configure(servers=[served.url]).answer("ada", "bad") == "refused"
            binds = served.told("bindRequest")
            assert [bytes(bind["authentication"]["simple"]) for bind in binds][1:] == [b"bad"]
            assert all(str(bind["name"]) for bind in binds)


def test_injected_answers_before_tls_are_noticed(place: Place, configure: Configure) -> None:
    with more_than_an_answer_before_tls(place) as url:
        assert "more than its answer" in configure(servers=[url]).test()[-1].detail


def test_secrets_never_travel_before_the_certificate_is_good(
    place: Place, ada: Person, configure: Configure
) -> None:
    stranger = authority("Man in the middle")
    with wire(server_files(stranger, place.directory, "middle"), Script()) as served:
        assert configure(servers=[served.url]).answer(ada.uid, ada.password) == "unavailable"
        assert not served.requests


def test_without_authorities_of_its_own_a_tenant_trusts_those_of_the_machine(
    ada: Person, configure: Configure
) -> None:
    assert configure(ca_certificates="").answer(ada.uid, ada.password) == "unavailable"


def test_a_directory_that_hangs_is_left_alone_for_a_moment(
    place: Place, ada: Person, configure: Configure
) -> None:
    with says_nothing(place) as url:
        there = configure(servers=[url], **_QUICK)
        for _ in range(3):
            assert there.answer(ada.uid, ada.password) == "unavailable"
        began = time.monotonic()
        for _ in range(20):
            with pytest.raises(DirectoryUnavailable) as refused:
                there.log_in(ada.uid, ada.password)
        assert time.monotonic() - began < 20 * _PATIENCE / 3
        assert refused.value.retry_after == round(health.REST_SECONDS)
        # Another tenant that names the same server is not told so.
        assert configure().answer(ada.uid, ada.password) == "in"


def test_a_private_network_may_be_opened_for_directories(
    ada: Person, configure: Configure, settings: Settings
) -> None:
    settings.OUTBOUND_ALLOW_LOOPBACK = False
    there = configure()
    assert there.answer(ada.uid, ada.password) == "unavailable"
    settings.DIRECTORY_NETWORKS = [ip_network("127.0.0.0/8")]
    assert there.answer(ada.uid, ada.password) == "in"


SEARCHING = [
    ("the right password", {}, "in"),
    ("a wrong password", {"bind_password": "wrong"}, "unavailable"),
    ("an account that is none", {"bind_dn": f"cn=nobody,{SUFFIX}"}, "unavailable"),
    ("nobody, where that is allowed", {"bind_dn": "", "bind_password": ""}, "in"),
    ("nobody, where it is not", {"bind_dn": "", "bind_password": "", "user_base": CLOSED}, "unavailable"),
    ("a base that is not there", {"user_base": f"ou=nowhere,{SUFFIX}"}, "unavailable"),
    ("a base of another suffix", {"user_base": "dc=example,dc=org"}, "unavailable"),
    ("a base for groups that is not there", {"group_base": f"ou=nowhere,{SUFFIX}"}, "unavailable"),
    ("a base with nobody below it", {"user_base": f"cn=reader,{SUFFIX}"}, "refused"),
    ("a filter that is none", {"user_filter": "(no filter at all)"}, "unavailable"),
]


@pytest.mark.parametrize(
    ("given", "answer"), [row[1:] for row in SEARCHING], ids=[row[0] for row in SEARCHING]
)
def test_the_account_that_searches_and_where_it_does(
    given: dict[str, object], answer: str, ada: Person, configure: Configure
) -> None:
    assert configure(**given).answer(ada.uid, ada.password) == answer


def test_a_searching_account_that_must_change_its_password_is_no_use(
    slapd: Slapd, ada: Person, configure: Configure
) -> None:
    reader = slapd.person(pwdReset="TRUE")
    there = configure(bind_dn=reader.dn, bind_password=reader.password)
    assert there.answer(ada.uid, ada.password) == "unavailable"
    assert there.test()[-1].name == "bind"


def test_a_tenant_without_a_configuration_is_unavailable(acme: Tenant, ada: Person) -> None:
    with scope_of(acme), pytest.raises(DomainError) as refused:
        LdapBackend().authenticate(tenant=acme, username=ada.uid, password=ada.password)
    assert refused.value.kind is Kind.UNAVAILABLE


def test_a_tenant_that_is_switched_off_lets_nobody_in(acme: Tenant, ada: Person) -> None:
    deactivate_tenant(acme)
    with scope_of(acme):
        acme.refresh_from_db()
        assert LdapBackend().authenticate(tenant=acme, username=ada.uid, password=ada.password) is None


def _only(password: str, *, otherwise: Answer = (INVALID_CREDENTIALS, "")) -> Callable[[str, str], Answer]:
    return lambda name, given: SUCCESS if name == READER or given == password else otherwise
