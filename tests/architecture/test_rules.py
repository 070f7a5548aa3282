"""The rings of the tower hold, and each rule would notice if they did not."""

import pytest

from tests.architecture.rules import RULES, Rule
from tests.architecture.source import Module, modules

PLANTED = [(rule, path, text) for rule in RULES for path, text in rule.planted]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_source_keeps(rule: Rule) -> None:
    assert [finding for module in modules() for finding in rule.findings(module)] == []


@pytest.mark.parametrize(("rule", "path", "text"), PLANTED, ids=lambda value: getattr(value, "name", None))
def test_a_planted_breach_is_found(rule: Rule, path: str, text: str) -> None:
    assert rule.findings(Module(path, text))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_named_exception_exists_and_is_needed(rule: Rule) -> None:
    by_path = {module.path: module for module in modules()}
    for path in rule.named:
        assert list(rule.find(by_path[path])), f"{path} needs no exception from: {rule.name}"


def test_a_keeper_of_the_rules_is_not_accused() -> None:
    text = (
        "from django.db import transaction\nfrom invoicing.models import Invoice\n"
        "@transaction.atomic\ndef f():\n    return Invoice.objects.select_for_update(no_key=True).get()\n"
    )
    assert not [
        finding for rule in RULES for finding in rule.findings(Module("invoicing/services/x.py", text))
    ]


def test_the_whole_tower_is_looked_at() -> None:
    looked_at = {module.package for module in modules()}
    assert looked_at == {"config", "payments", "sync", "invoicing", "audit", "tenants"}
    assert len(modules()) > 100
