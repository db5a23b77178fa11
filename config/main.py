"""
The entry point: reads the command line, runs one command, and turns every error into one calm line.

Nothing heavy is imported here: `payout refunds list` must be there before a person looks up.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence

from adapters.show import Screen
from config.call import BAD_INPUT, FAULT, Call
from config.parser import complete, root
from payout.errors import PayoutError


def main(argv: Sequence[str] | None = None) -> int:
    """Run `payout` with these arguments (default: the process's own); returns the exit code."""
    try:
        return _main(argv)
    except SystemExit as stop:  # argparse has said its piece: help, or what it did not understand.
        return stop.code if isinstance(stop.code, int) else FAULT


def _main(argv: Sequence[str] | None) -> int:
    from config.commands import add_commands

    words = sys.argv[1:] if argv is None else argv
    parser, commands = root()
    add_commands(commands, words)
    args = complete(parser.parse_args(words))
    if args.run is None:
        args.shown.print_help(sys.stderr)
        return BAD_INPUT
    _log(debug=args.debug)
    call = Call(args=args, screen=Screen())
    try:
        code: int = args.run(call)
        call.screen.out.flush()
        return code
    except PayoutError as error:
        if args.debug:
            raise
        return call.complain(error)
    except BrokenPipeError:
        # Whoever read our output has seen enough; Python must not complain at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAULT
    except KeyboardInterrupt:
        call.screen.complain("stopped")
        return FAULT
    except Exception as error:
        if args.debug:
            raise
        call.screen.complain(f"a fault in the program: {type(error).__name__}: {error}")
        call.screen.complain("run it again with --debug for the whole story, and report that")
        return FAULT
    finally:
        call.close()


def _log(*, debug: bool) -> None:
    """A command speaks through its screen; only `run` and a person who hunts something see logs."""
    root_logger = logging.getLogger()
    if not root_logger.handlers:
        root_logger.addHandler(logging.NullHandler())
    if debug:
        from adapters.logs import set_up

        set_up("debug", "text")


if __name__ == "__main__":
    sys.exit(main())
