"""
The people file: who may do what, with which keys, and the rules of approving. It lies outside the database.

`read` turns its text into rules, `file` knows which text is in force, `signing` has a change of it signed.
"""

from __future__ import annotations

from config.people.file import PeopleFile, PeopleState
from config.people.read import read_rules

__all__ = ["PeopleFile", "PeopleState", "read_rules"]
