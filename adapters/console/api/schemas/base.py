"""What every model here shares: no unknown name, no type that is bent into another, and words without tricks."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

WORDS_MAX: Final = 500
KEY_MAX: Final = 128
PAGE_MAX: Final = 100
PAGE: Final = 50

USD_PATTERN: Final = r"^[0-9]{1,18}(\.[0-9]{1,2})?$"
TIME_EXAMPLE: Final = "2026-11-22T12:00:00Z"


class Closed(BaseModel):
    """A JSON object of which every name is known."""

    model_config = ConfigDict(extra="forbid", strict=True)


def _visible(text: str) -> str:
    if any(unicodedata.category(char).startswith("C") for char in text):
        raise PydanticCustomError("invisible", "holds a control or invisible character")
    return text


def shown(pattern: str) -> dict[str, Any]:
    """
    A pattern that the document shows and the business checks, which says in words what is wrong.

    An empty text is taken as one that was left out, where the field may be.
    """
    return {"pattern": pattern}


Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=WORDS_MAX), AfterValidator(_visible)
]
"""Something that a person will read in the history."""

Key = Annotated[str, StringConstraints(min_length=1, max_length=KEY_MAX), AfterValidator(_visible)]
"""An id of ours or the merchant's."""

Limit = Annotated[int, Field(ge=1, le=PAGE_MAX, strict=False, description="How many to give at most.")]
Cursor = Annotated[
    str,
    StringConstraints(min_length=1, max_length=KEY_MAX, pattern=r"^[\x21-\x7e]+$"),
    Field(description="`next_cursor` of the page before."),
]
