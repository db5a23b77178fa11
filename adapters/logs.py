"""
Log lines: one event a line on stderr, in UTC, as text or JSON.

What leaves here is shown to many eyes: addresses, proofs and logins are cut out of every line, whoever
wrote it. Below `info` (level debug) addresses stay, since a person asked for them.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from datetime import UTC, datetime
from typing import Final, TextIO

QUIET: Final = ("apscheduler", "urllib3", "alembic", "sqlalchemy")
"""Libraries whose own news is only of use when something is being hunted."""

LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
_LOGIN: Final = re.compile(r"(?<=://)[^/\s@]+@")
_PROOF: Final = re.compile(r"\b(?:Out|In|Spend|Reserve)ProofV[0-9]+[1-9A-HJ-NP-Za-km-z]+")
_ADDRESS: Final = re.compile(r"\b[1-9A-HJ-NP-Za-km-z]{90,110}\b")
_FIELD: Final = re.compile(r'([a-z_]+)=("(?:[^"\\]|\\.)*"|[^\s"]+)')
_EVENT: Final = re.compile(r"[a-z_]+(?:\.[a-z_]+)+")
_STANDARD: Final = frozenset(
    {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"},
)
_ENDS: Final = 6


def set_up(level: str, form: str, stream: TextIO | None = None) -> None:
    """Send all log lines to stderr (or `stream`), once."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(LEVELS[level])
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.ERROR if level != "debug" else logging.INFO)


def masked(text: str, *, keep_addresses: bool = False) -> str:
    """Without logins and proofs, and with addresses cut to their ends."""
    text = _PROOF.sub("<proof>", _LOGIN.sub("", text))
    if keep_addresses:
        return text
    return _ADDRESS.sub(lambda found: f"{found[0][:_ENDS]}..{found[0][-_ENDS:]}", text)


class TextLines(logging.Formatter):
    """`2026-11-22T10:00:00.000Z info transfer.committed wallet=hot fee="0.0001 XMR"`"""

    def format(self, record: logging.LogRecord) -> str:
        fields = [f"{key}={_bare(value)}" for key, value in extras(record).items()]
        line = " ".join([message(record), *fields])
        return f"{_time(record)} {record.levelname.lower()} {one_line(line)}{_trace(record, self)}"


class JsonLines(logging.Formatter):
    """
    One JSON object a line: time, level, event, the record's fields, and its logger.

    `event` is the first word of a line that begins with `noun.past_tense`, and `message` the whole.
    """

    def format(self, record: logging.LogRecord) -> str:
        words = message(record)
        head, _, rest = words.partition(" ")
        body = {
            **{key: value.strip('"') for key, value in _FIELD.findall(rest)},
            **extras(record),
            "time": _time(record),
            "level": record.levelname.lower(),
            "event": head if _EVENT.fullmatch(head) else "log.written",
            "message": words,
            "logger": record.name,
        }
        trace = _trace(record, self)
        return json.dumps(body | ({"trace": trace.strip()} if trace else {}), ensure_ascii=True)


def message(record: logging.LogRecord) -> str:
    """The words of a record, masked."""
    return masked(record.getMessage(), keep_addresses=_private(record))


def extras(record: logging.LogRecord) -> dict[str, str]:
    """The fields that came as `extra`, masked."""
    return {
        key: masked(str(value), keep_addresses=_private(record))
        for key, value in vars(record).items()
        if key not in _STANDARD
    }


def one_line(text: str) -> str:
    """A line is one line: what another machine said may hold newlines or escapes."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _private(record: logging.LogRecord) -> bool:
    """Only a person who hunts something reads debug lines."""
    return record.levelno < logging.INFO


def _bare(value: str) -> str:
    return value if re.fullmatch(r"[^\s\"=]+", value) else json.dumps(value, ensure_ascii=False)


def _trace(record: logging.LogRecord, formatter: logging.Formatter) -> str:
    if not record.exc_info:
        return ""
    return "\n" + masked(formatter.formatException(record.exc_info))


def _time(record: logging.LogRecord) -> str:
    at = datetime.fromtimestamp(record.created, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class News:
    """Logs a state when it changes, and is silent while it stays: one line for an outage of hours."""

    def __init__(self, logger: logging.Logger) -> None:
        self._log = logger
        self._lock = threading.Lock()
        self._said: dict[str, str] = {}

    def bad(self, subject: str, words: str) -> None:
        """Something does not work, and why."""
        with self._lock:
            if self._said.get(subject) == words:
                return
            self._said[subject] = words
        self._log.warning("%s.failing", subject, extra={"why": words})

    def good(self, subject: str) -> None:
        """It works, perhaps again."""
        with self._lock:
            was = self._said.pop(subject, None)
        if was is not None:
            self._log.info("%s.recovered", subject)
