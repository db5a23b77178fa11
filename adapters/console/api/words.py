"""What is wrong with a field, in words, out of the library's own notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from adapters.console.api.problems import FieldError

FIELD_CHARS_MAX: Final = 60
ERRORS_MAX: Final = 20

_WHOLE: Final = "send a whole number; in JSON without quotes"
_OBJECT: Final = 'send a JSON object, such as {"why": "..."}'
_TEXT: Final = 'write it as text, in quotes; money too, such as "25.00": a JSON number may lose cents on its way'


def field_errors(found: Sequence[Mapping[str, Any]], known: Sequence[str]) -> list[FieldError]:
    """One for each; `known` are the names that the object may have."""
    return [_field_error(each, known) for each in found[:ERRORS_MAX]]


def _field_error(found: Mapping[str, Any], known: Sequence[str]) -> FieldError:
    _, *path = [str(part) for part in found["loc"]] or ["body"]
    field = ".".join(path)[:FIELD_CHARS_MAX] or "body"
    problem, remedy = _said(found, known)
    return FieldError(field=field, problem=problem, remedy=remedy)


_SAID: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("is missing", "send it"),
    "extra_forbidden": ("is not a known name", "leave it out; known are {known}"),
    "string_type": ("is not text", _TEXT),
    "int_type": ("is not a whole number", _WHOLE),
    "int_parsing": ("is not a whole number", _WHOLE),
    "int_from_float": ("is not a whole number", _WHOLE),
    "int_parsing_size": ("is beyond all sense", _WHOLE),
    "list_type": ("is not a list", 'send a list, such as ["refund.paid"]'),
    "model_type": ("is not a JSON object", _OBJECT),
    "model_attributes_type": ("is not a JSON object", _OBJECT),
    "dict_type": ("is not a JSON object", _OBJECT),
    "literal_error": ("is none of the known values", "use {expected}"),
    "string_too_long": ("is too long", "use at most {max_length} characters"),
    "string_too_short": ("is empty", "say something"),
    "too_long": ("has too many entries", "send at most {max_length}"),
    "greater_than_equal": ("is too small", "send at least {ge}"),
    "less_than_equal": ("is too large", "send at most {le}"),
    "string_pattern_mismatch": ("is not one of ours", "send it as it was given to you"),
    "invisible": ("holds a control or invisible character", "remove it"),
}
"""By the library's name of the mistake: what is wrong, and what to do."""


def _said(found: Mapping[str, Any], known: Sequence[str]) -> tuple[str, str]:
    problem, remedy = _SAID.get(str(found["type"]), ("is not as it should be", "see /api/v1/openapi.json"))
    facts = {name: str(value) for name, value in (found.get("ctx") or {}).items()}
    return problem, remedy.replace("{known}", ", ".join(known)) if "{known}" in remedy else _filled(remedy, facts)


def _filled(remedy: str, facts: Mapping[str, str]) -> str:
    for name, value in facts.items():
        remedy = remedy.replace("{" + name + "}", value)
    return remedy
