"""`payout alarms`: try the mail and chat services that tell operators of alarms."""

from __future__ import annotations

from config.call import DONE, FAULT, Call
from config.parser import Commands
from payout.approval.acts import Act

_TEST = """\
Send a test to every service in [alarms] urls_file, and say which of them took it.
"""


def add(commands: Commands) -> None:
    group = commands.group("alarms", about="Alarms by mail and chat.")
    group.add("test", run_test, about=_TEST)


def run_test(call: Call) -> int:
    call.allow(Act.MANAGE)
    said = call.house.webhooks.crier(call.who, lambda _name, _words: None).test()
    if not said:
        call.screen.complain("no service is configured: name a file with their addresses in [alarms] urls_file")
        return FAULT
    if call.json:
        call.print_json([{"service": name, "taken": words is None, "words": words} for name, words in said])
        return FAULT if any(words for _, words in said) else DONE
    for name, words in said:
        if words is None:
            call.screen.line(f"{name}: taken")
        else:
            call.screen.complain(f"{name}: {words}")
    return FAULT if any(words for _, words in said) else DONE
