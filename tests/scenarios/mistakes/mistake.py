"""What a planted mistake is: a textual change of the source, and the tests that must notice it."""

from __future__ import annotations

from dataclasses import dataclass


class Unusable(Exception):
    """A mistake that could not be tried: its patch or its tests have to be written anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """`old` becomes `new` in one file. `old` stands there exactly once."""

    file: str
    old: str
    new: str

    def applied_to(self, text: str) -> str:
        """
        The file's text with the mistake in it.

        Raises:
            Unusable: the code has moved on.
        """
        found = text.count(self.old)
        if found != 1:
            raise Unusable(f"{self.file}: the patch no longer applies, its old text stands there {found} times")
        return text.replace(self.old, self.new)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One mistake that somebody could make. `tests` are files or node ids, the likeliest first."""

    name: str
    patches: tuple[Patch, ...]
    tests: tuple[str, ...]


def mistake(name: str, file: str, old: str, new: str, *tests: str) -> Mistake:
    """A mistake of one patch."""
    return Mistake(name=name, patches=(Patch(file=file, old=old, new=new),), tests=tests)
