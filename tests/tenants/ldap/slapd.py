"""A slapd of one's own: TLS, password policies, memberOf, the attributes of other vendors."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import ldap
from ldap.controls import RequestControl
from ldap.ldapobject import SimpleLDAPObject
from slapdtest import SlapdObject

from tests.tenants.ldap.certificates import Authority, Files, authority, server_files

SUFFIX = "dc=example,dc=com"
PEOPLE = f"ou=people,{SUFFIX}"
GROUPS = f"ou=groups,{SUFFIX}"
CLOSED = f"ou=closed,{SUFFIX}"
POLICIES = f"ou=policies,{SUFFIX}"
READER = f"cn=reader,{SUFFIX}"
READER_PASSWORD = "reader's own secret"
PASSWORD = "correct horse battery"
_RELAX = RequestControl("1.3.6.1.4.1.4203.666.5.12", criticality=True)
# Five hundred at a time, and as many pages as somebody likes.
_LIMITS = "* size.soft=500 size.hard=500 size.prtotal=unlimited"
_SCHEMAS = ("core", "cosine", "inetorgperson", "nis")

# bind_anon_dn: a bind with a name and no password succeeds as nobody. On purpose: it must not reach us.
_CONFIG = """dn: cn=config
objectClass: olcGlobal
cn: config
olcLogLevel: none
olcAllows: bind_anon_cred bind_anon_dn
olcTLSCACertificateFile: {authority}
olcTLSCertificateFile: {certificate}
olcTLSCertificateKeyFile: {key}
olcTLSVerifyClient: never

dn: cn=module,cn=config
objectClass: olcModuleList
cn: module
olcModulePath: {modules}
olcModuleLoad: back_mdb
olcModuleLoad: ppolicy
olcModuleLoad: memberof

dn: cn=schema,cn=config
objectClass: olcSchemaConfig
cn: schema

{schemas}
dn: olcDatabase=config,cn=config
objectClass: olcDatabaseConfig
olcDatabase: config
olcRootDN: {root_dn}

dn: olcDatabase=mdb,cn=config
objectClass: olcDatabaseConfig
objectClass: olcMdbConfig
olcDatabase: mdb
olcSuffix: {suffix}
olcRootDN: {root_dn}
olcRootPW: {root_pw}
olcDbDirectory: {directory}
olcDbNoSync: TRUE
olcDbIndex: objectClass,uid,entryUUID,sAMAccountName,orclGUID,member,uniqueMember eq
olcLimits: {limits}
olcAccess: to attrs=userPassword by self =xw by anonymous auth by * none
olcAccess: to dn.subtree="{closed}" by dn.exact="{reader}" read by anonymous auth by * none
olcAccess: to * by * read

dn: olcOverlay=memberof,olcDatabase={{1}}mdb,cn=config
objectClass: olcOverlayConfig
objectClass: olcMemberOf
olcOverlay: memberof
olcMemberOfRefint: TRUE

dn: olcOverlay=ppolicy,olcDatabase={{1}}mdb,cn=config
objectClass: olcOverlayConfig
objectClass: olcPPolicyConfig
olcOverlay: ppolicy
olcPPolicyDefault: cn=default,{policies}
olcPPolicyUseLockout: TRUE
olcPPolicyHashCleartext: TRUE
"""

_POLICIES: Mapping[str, Mapping[str, str]] = {
    "default": {"pwdMinLength": "10", "pwdInHistory": "3", "pwdMustChange": "TRUE"},
    "locking": {"pwdLockout": "TRUE", "pwdMaxFailure": "2", "pwdLockoutDuration": "0"},
    "strict": {"pwdMaxAge": "86400", "pwdGraceAuthNLimit": "0"},
    "graceful": {"pwdMaxAge": "86400", "pwdGraceAuthNLimit": "3"},
    "slow": {"pwdMinAge": "86400"},
    "fixed": {"pwdAllowUserChange": "FALSE"},
}


@dataclass(frozen=True)
class Person:
    """An entry below PEOPLE, unless it was made elsewhere."""

    uid: str
    dn: str
    password: str = field(default=PASSWORD, repr=False)


class Slapd(SlapdObject):
    """Listens for LDAP with StartTLS and for LDAPS on 127.0.0.1, and on a socket for its owner."""

    suffix = SUFFIX

    def __init__(self, directory: Path) -> None:
        # An attribute of slapdtest's class, which takes the working directory otherwise.
        self.TMPDIR = str(directory)
        super().__init__()
        self.ldaps_port = self._avail_tcp_port()
        self.authority: Authority = authority("Tests of directories")
        authority_file = directory / "authority.pem"
        authority_file.write_text(self.authority.pem)
        self.files: Files = server_files(self.authority, directory, "slapd")
        self.cafile = str(authority_file)

    @property
    def ldaps_url(self) -> str:
        return f"ldaps://127.0.0.1:{self.ldaps_port}"

    @property
    def start_tls_url(self) -> str:
        return f"ldap://127.0.0.1:{self.port}"

    @cached_property
    def owner(self) -> SimpleLDAPObject:
        """A connection that may do everything."""
        connection = ldap.initialize(self.ldapi_uri)
        connection.simple_bind_s(self.root_dn, self.root_pw)
        return connection

    def gen_config(self) -> str:
        found = [Path("/etc/ldap/schema") / f"{name}.ldif" for name in _SCHEMAS]
        found.append(Path(__file__).parent / "schema.ldif")
        return _CONFIG.format(
            authority=self.cafile,
            certificate=self.files.certificate,
            key=self.files.key,
            modules="/usr/lib/ldap",
            schemas="\n".join(_without_comments(path.read_text()) + "\n" for path in found),
            suffix=SUFFIX,
            root_dn=self.root_dn,
            root_pw=self.root_pw,
            directory=self._db_directory,
            limits=_LIMITS,
            closed=CLOSED,
            reader=READER,
            policies=POLICIES,
        )

    def _write_config(self) -> None:
        self.slapadd(self.gen_config(), ["-n0"])

    def _test_config(self) -> None:
        """Not asked for: slapd says the same when it starts."""

    def _start_slapd(self) -> None:
        # slapdtest has two listeners; the third is named with the first.
        plain = self.ldap_uri
        self.ldap_uri = f"{plain} {self.ldaps_url}/"
        try:
            super()._start_slapd()
        finally:
            self.ldap_uri = plain

    def populate(self) -> None:
        """The suffix, the account that searches, policies and the places where people and groups are."""
        self.add(SUFFIX, {"objectClass": ["dcObject", "organization"], "dc": "example", "o": "Example"})
        self.add(
            READER,
            {"objectClass": ["applicationProcess", "simpleSecurityObject"], "cn": "reader"}
            | {"userPassword": READER_PASSWORD},
        )
        for base in (PEOPLE, GROUPS, CLOSED, POLICIES):
            self.add(base, {"objectClass": "organizationalUnit"})
        for name, rules in _POLICIES.items():
            common = {"objectClass": ["device", "pwdPolicy"], "cn": name, "pwdAttribute": "userPassword"}
            quality = {"pwdCheckQuality": "2", "pwdMinLength": "10"}
            self.add(policy(name), common | quality | dict(rules))

    def add(self, dn: str, attributes: Mapping[str, str | bytes | Iterable[str | bytes]]) -> None:
        """Add an entry; the attribute of its name may be left out."""
        kept = {name: [_bytes(value) for value in _some(values)] for name, values in attributes.items()}
        kept["objectClass"] = (
            [b"top", *kept["objectClass"]] if b"top" not in kept["objectClass"] else kept["objectClass"]
        )
        self.owner.add_s(dn, list(kept.items()))

    def person(
        self, *, uid: str | None = None, below: str = PEOPLE, classes: Iterable[str] = (), **more: str | bytes
    ) -> Person:
        """Somebody new; `more` are attributes, with _ for - in their names."""
        uid = uid or f"ada-{uuid.uuid4().hex[:8]}"
        password = more.pop("userPassword", PASSWORD)
        dn = f"uid={ldap.dn.escape_dn_chars(uid)},{below}"
        entry: dict[str, str | bytes | Iterable[str | bytes]] = {
            "objectClass": ["inetOrgPerson", *classes],
            "uid": uid,
            "cn": "Ada Lovelace",
            "sn": "Lovelace",
            "mail": "ada@example.com",
            "userPassword": password,
        }
        later = {
            name: value for name, value in more.items() if name.startswith("pwd") and name != "pwdLastSet"
        }
        self.add(dn, entry | {k.replace("_", "-"): v for k, v in more.items() if k not in later})
        for name, value in later.items():
            self.set(dn, name, value)
        return Person(uid, dn, password.decode() if isinstance(password, bytes) else password)

    def group(
        self,
        *members: str,
        name: str | None = None,
        kind: str = "groupOfNames",
        below: str = GROUPS,
        **more: str,
    ) -> str:
        """A new group's DN; `members` are DNs, or uids for a posixGroup."""
        name = name or f"group-{uuid.uuid4().hex[:8]}"
        attribute = {"groupOfNames": "member", "groupOfUniqueNames": "uniqueMember"}.get(kind, "memberUid")
        dn = f"cn={ldap.dn.escape_dn_chars(name)},{below}"
        classes = [kind, *more.pop("classes", "").split()]
        entry: dict[str, str | list[str]] = {"objectClass": classes, "cn": name, **more}
        if members:
            entry[attribute] = list(members)
        self.add(dn, entry)
        return dn

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """It is down, and comes back with everything that was in it."""
        self.owner.unbind_ext_s()
        del self.owner
        self.terminate()
        self.wait()
        try:
            yield
        finally:
            self.resume()

    @contextmanager
    def limited_to(self, entries: int) -> Iterator[None]:
        """Whoever is not the owner gets this many entries at most of any search."""
        database = "olcDatabase={1}mdb,cn=config"
        limit = f"* size.soft={entries} size.hard={entries} size.prtotal={entries}".encode()
        self.owner.modify_s(database, [(ldap.MOD_REPLACE, "olcLimits", [limit])])
        try:
            yield
        finally:
            self.owner.modify_s(database, [(ldap.MOD_REPLACE, "olcLimits", [_LIMITS.encode()])])

    def set(self, dn: str, name: str, *values: str | bytes) -> None:
        """Replace an attribute, operational ones included; without values it goes."""
        change = (ldap.MOD_REPLACE, name, [_bytes(value) for value in values] or None)
        self.owner.modify_ext_s(dn, [change], serverctrls=[_RELAX])


def policy(name: str) -> str:
    """The DN of a password policy, to be put into pwdPolicySubentry."""
    return f"cn={name},{POLICIES}"


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _some(values: str | bytes | Iterable[str | bytes]) -> list[str | bytes]:
    return [values] if isinstance(values, str | bytes) else list(values)


def _without_comments(ldif: str) -> str:
    return "\n".join(line for line in ldif.splitlines() if not line.startswith("#")).strip() + "\n"
