"""What import-linter cannot see: which ring may call what. Each rule names the lines that break it."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.architecture.source import TOWER, Module, dotted

MANAGERS = frozenset({"objects", "all_objects", "_default_manager"})
RESPONSES = frozenset({"HttpResponse", "JsonResponse", "StreamingHttpResponse", "FileResponse", "Response"})
CLOCKS = (
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "timezone.now",
    "timezone.localdate",
    "timezone.localtime",
    "time.time",
    "time.time_ns",
    "time.monotonic",
    "uuid.uuid4",
    "uuid7",
    "random.random",
)
ROLES_ABOVE_APP = frozenset({"owner", "platform", "audit_owner", "audit_platform"})
SESSION_STATE = re.compile(
    r"set_config\(\s*'(app\.|role|row_security|session)|\bset (local )?(role|session|app\.|row_security)",
    re.I,
)
MODEL_SIGNALS = frozenset({"pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed", "pre_init"})
LONGEST = 300

Finding = tuple[int, str]


@dataclass(frozen=True)
class Rule:
    """`find` yields (line, what); `named` are the modules where it is right all the same, and why."""

    name: str
    find: Callable[[Module], Iterator[Finding]]
    planted: tuple[tuple[str, str], ...]
    named: dict[str, str]

    def findings(self, module: Module) -> list[str]:
        if module.path in self.named:
            return []
        return [f"{module.path}:{line}: {what}" for line, what in self.find(module)]


def _foreign_managers(module: Module) -> Iterator[Finding]:
    owners = {
        alias.asname or alias.name: node.module.partition(".")[0]
        for node in module.nodes(ast.ImportFrom)
        if node.module and node.module.partition(".")[0] in TOWER
        for alias in node.names
    }
    rings = {"selectors", "services", "adapters", "statements", "models", "managers"}
    may = module.ring in rings or (module.package == "tenants" and module.ring == "floor")
    for node in module.nodes(ast.Attribute):
        if node.attr not in MANAGERS or not isinstance(node.value, ast.Name):
            continue
        owner = owners.get(node.value.id, module.package)
        if not may:
            yield node.lineno, f"{dotted(node)} outside of selectors, services and statements"
        elif owner != module.package:
            yield node.lineno, f"{dotted(node)} belongs to {owner}: ask its selectors or services"


def _past_the_managers(module: Module) -> Iterator[Finding]:
    for node in module.nodes(ast.Attribute):
        if node.attr == "_base_manager" and module.ring not in ("models", "managers"):
            yield node.lineno, "_base_manager outside of models and managers"
        if node.attr in ("_raw_delete", "_insert", "_update") and module.ring not in ("models", "managers"):
            yield node.lineno, f"{node.attr} is Django's own"
    for call in module.nodes(ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "raw":
            yield call.lineno, ".raw() passes the managers by: write a statement"


def _transactions(module: Module) -> Iterator[Finding]:
    for node in module.nodes(ast.Attribute):
        if dotted(node) == "transaction.atomic" and module.ring != "services":
            yield node.lineno, "transaction.atomic outside of services"
    for imported in module.nodes(ast.ImportFrom):
        if imported.module == "django.db.transaction" and any(a.name == "atomic" for a in imported.names):
            yield imported.lineno, "import transaction, so that atomic can be seen"


def _responses(module: Module) -> Iterator[Finding]:
    if module.ring in ("api", "web", "http", "live") or module.package == "config":
        return
    for imported in module.nodes(ast.ImportFrom):
        if imported.module and imported.module.startswith(("django.http", "rest_framework")):
            for alias in imported.names:
                if alias.name in RESPONSES:
                    yield imported.lineno, f"{alias.name} outside of api, web and http"


def _hand_written_sql(module: Module) -> Iterator[Finding]:
    if module.ring == "statements":
        return
    for call in module.nodes(ast.Call):
        name = dotted(call.func)
        if name.endswith((".cursor", ".chunked_cursor")) and name.startswith(("connection", "main", "trail")):
            yield call.lineno, "cursor() outside of statements"
    for attribute in module.nodes(ast.Attribute):
        if attribute.attr in ("extra", "RawSQL") and dotted(attribute).endswith(("objects.extra", "RawSQL")):
            yield attribute.lineno, f"{attribute.attr}: write a statement"


def _clocks(module: Module) -> Iterator[Finding]:
    if module.ring != "domain" and module.path != "invoicing/money.py":
        return
    for call in module.nodes(ast.Call):
        name = dotted(call.func)
        if any(name == clock or name.endswith(f".{clock}") for clock in CLOCKS):
            yield call.lineno, f"{name}() in the domain: let the caller say"
    for imported in module.nodes(ast.ImportFrom):
        if imported.module in ("time", "random", "secrets"):
            yield imported.lineno, f"{imported.module} in the domain"


def _length(module: Module) -> Iterator[Finding]:
    lines = module.text.count("\n")
    if lines > LONGEST:
        yield LONGEST, f"{lines} lines: this module has two subjects"


def _late_imports(module: Module) -> Iterator[Finding]:
    for function in (*module.nodes(ast.FunctionDef), *module.nodes(ast.AsyncFunctionDef)):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield node.lineno, "import inside of a function"
    for call in module.nodes(ast.Call):
        if dotted(call.func) in ("importlib.import_module", "import_module", "__import__"):
            yield call.lineno, "import by a call"


def _prints(module: Module) -> Iterator[Finding]:
    if module.package == "config":
        return
    for call in module.nodes(ast.Call):
        if dotted(call.func) in ("print", "breakpoint", "pprint", "sys.stdout.write"):
            yield call.lineno, f"{dotted(call.func)}()"


def _roles(module: Module) -> Iterator[Finding]:
    if module.package == "config":
        return
    for constant in module.nodes(ast.Constant):
        if constant.value in ROLES_ABOVE_APP:
            yield constant.lineno, f"{constant.value!r}: only listed jobs leave the role app"


def _session_state(module: Module) -> Iterator[Finding]:
    for constant in module.nodes(ast.Constant):
        text = constant.value.decode("latin-1") if isinstance(constant.value, bytes) else constant.value
        if isinstance(text, str) and (found := SESSION_STATE.search(text)):
            yield constant.lineno, f"{found[0]}: the scope alone sets who acts"


def _signals(module: Module) -> Iterator[Finding]:
    for imported in module.nodes(ast.ImportFrom):
        if imported.module == "django.db.models.signals":
            for alias in imported.names:
                if alias.name in MODEL_SIGNALS:
                    yield imported.lineno, f"{alias.name}: no business rule in a signal"


def _strong_locks(module: Module) -> Iterator[Finding]:
    for call in module.nodes(ast.Call):
        locks = isinstance(call.func, ast.Attribute) and call.func.attr == "select_for_update"
        if locks and not any(keyword.arg == "no_key" for keyword in call.keywords):
            yield call.lineno, "FOR UPDATE blocks whoever refers to the row: no_key=True"


RULES: tuple[Rule, ...] = (
    Rule(
        "managers are used by their own package's selectors, services and statements",
        _foreign_managers,
        planted=(
            ("invoicing/api/v2/x.py", "from invoicing.models import Invoice\nInvoice.objects.all()"),
            ("payments/services/x.py", "from invoicing.models import Invoice\nInvoice.all_objects.get()"),
            ("invoicing/domain/x.py", "def rule(model):\n    return model.objects.count()"),
            ("config/x.py", "from tenants.models import User\nUser.objects.create()"),
        ),
        named={},
    ),
    Rule(
        "nothing goes past the managers",
        _past_the_managers,
        planted=(
            ("invoicing/services/x.py", "Invoice._base_manager.all()"),
            ("invoicing/selectors/x.py", "Invoice.objects.raw('SELECT 1')"),
            ("invoicing/services/x.py", "Invoice.objects.filter()._raw_delete('default')"),
        ),
        named={},
    ),
    Rule(
        "transactions are opened by services",
        _transactions,
        planted=(
            ("invoicing/selectors/x.py", "with transaction.atomic():\n    pass"),
            ("invoicing/workflows/x.py", "@transaction.atomic(using='x')\ndef f(): pass"),
            ("invoicing/services/x.py", "from django.db.transaction import atomic"),
        ),
        named={
            "audit/triggers.py": "runs as the owner after migrate, never in a request",
            "tenants/backends/password.py": "the backend whose directory is our own table: compare and store",
        },
    ),
    Rule(
        "responses are made by api, web and http",
        _responses,
        planted=(("invoicing/services/x.py", "from django.http import HttpResponse"),),
        named={"tenants/cache.py": "looks into a response that a view has made, to keep it"},
    ),
    Rule(
        "SQL is written by hand in statements only",
        _hand_written_sql,
        planted=(
            ("invoicing/services/x.py", "with connection.cursor() as c:\n    c.execute('SELECT 1')"),
            ("invoicing/api/v2/x.py", "connections['default'].cursor()"),
            ("invoicing/selectors/x.py", "Invoice.objects.extra(where=['true'])"),
        ),
        named={
            "audit/triggers.py": "makes the triggers, as the owner",
            "audit/services/delivery.py": "settings of the relay's own sessions, no data",
            "tenants/rows.py": "executes for the statements of hot paths",
            "tenants/startup.py": "asks which role it serves as, before anything is served",
            "tenants/management/dispatching.py": "LISTEN on a connection of its own, no data",
        },
    ),
    Rule(
        "the domain knows no clock and no chance",
        _clocks,
        planted=(
            ("invoicing/domain/x.py", "import datetime\ndatetime.datetime.now()"),
            ("invoicing/domain/x.py", "timezone.now()"),
            ("invoicing/domain/x.py", "date.today()"),
            ("tenants/domain/x.py", "time.time()"),
            ("invoicing/money.py", "from random import random"),
        ),
        named={},
    ),
    Rule(
        f"a module has at most {LONGEST} lines",
        _length,
        planted=(("invoicing/services/x.py", "x = 1\n" * (LONGEST + 1)),),
        named={},
    ),
    Rule(
        "imports stand at the top",
        _late_imports,
        planted=(
            ("invoicing/services/x.py", "def f():\n    from payments import x"),
            ("invoicing/services/x.py", "import importlib\nimportlib.import_module('payments')"),
        ),
        named={},
    ),
    Rule(
        "programs print, packages log",
        _prints,
        planted=(("invoicing/services/x.py", "print('here')"), ("tenants/x.py", "breakpoint()")),
        named={},
    ),
    Rule(
        "only listed modules act as another role than app",
        _roles,
        planted=(
            ("invoicing/services/x.py", "Invoice.objects.using('owner').all()"),
            ("invoicing/statements/x.py", "PLATFORM = 'platform'"),
        ),
        named={
            "audit/router.py": "says where migrations run",
            "audit/services/delivery.py": "the relay moves all tenants' entries",
            "tenants/managers.py": "PlatformManager, for the model that only the relay reads",
            "tenants/management/commands/migrate_all.py": "migrates",
            "tenants/management/commands/worker.py": "asks at start which role it serves as",
            "tenants/statements/jobs.py": "the dispatcher claims all tenants' jobs",
            "tenants/statements/idempotency.py": "expired keys of all tenants are deleted",
            "tenants/statements/upkeep.py": "dead logins of all tenants are deleted, re-checks are started",
        },
    ),
    Rule(
        "the scope alone tells the server who acts",
        _session_state,
        planted=(
            ("invoicing/statements/x.py", "Q = \"select set_config('app.tenant_id', %s, false)\""),
            ("audit/services/x.py", "Q = 'SET ROLE owner'"),
            ("tenants/statements/x.py", "Q = b\"SET app.tenant_id = ''\""),
        ),
        named={"tenants/scope.py": "it is the scope"},
    ),
    Rule(
        "no business rule hangs on a signal",
        _signals,
        planted=(("invoicing/services/x.py", "from django.db.models.signals import post_save"),),
        named={},
    ),
    Rule(
        "rows are locked without hindering those who refer to them",
        _strong_locks,
        planted=(("invoicing/services/x.py", "Invoice.objects.select_for_update().get()"),),
        named={},
    ),
)
