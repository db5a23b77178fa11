"""
Wallets that open quickly: quick_keys.c says how. Without a C compiler they open as slowly as everywhere.

Only speed may depend on it: a sandbox with it and one without do the same.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from deploy.sandbox import snapshot

SOURCE = Path(__file__).with_suffix(".c")


@cache
def environment() -> dict[str, str]:
    """What a wallet-rpc is started with, beside the environment of whoever starts it."""
    compiler = shutil.which("cc")
    if compiler is None:
        return {}
    snapshot.CACHE.mkdir(parents=True, exist_ok=True)
    library = snapshot.CACHE / "quick_keys.so"
    if not library.exists() or library.stat().st_mtime < SOURCE.stat().st_mtime:
        # Several wallets, of several test processes, start at once: each compiles for itself, the last one stays.
        with tempfile.TemporaryDirectory(dir=snapshot.CACHE) as scratch:
            made = Path(scratch) / library.name
            command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(made), str(SOURCE)]
            if subprocess.run(command, capture_output=True, check=False).returncode != 0:
                return {}
            made.replace(library)
    return {"LD_PRELOAD": str(library)}
