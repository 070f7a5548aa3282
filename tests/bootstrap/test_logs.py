"""A line of the log stays a line."""

import logging

from config.logs import OneLineFormatter


def test_what_a_caller_sent_cannot_look_like_a_line_of_its_own() -> None:
    record = logging.LogRecord(
        "web", logging.INFO, "", 0, "name: %s", ("x\r\n2026 ERROR forged\x1b[2J",), None
    )
    assert OneLineFormatter().format(record).endswith(r"INFO web: name: x\r\n2026 ERROR forged\x1b[2J")


def test_letters_of_other_scripts_are_left_alone() -> None:
    record = logging.LogRecord("web", logging.INFO, "", 0, "Müller 株式会社", (), None)
    assert OneLineFormatter().format(record).endswith("Müller 株式会社")
