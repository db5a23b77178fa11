"""`payout users`: the people file in force, keys of people, and signatures for a change of that file."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.show import Column
from config.call import BAD_INPUT, DONE, Call
from config.commands import own_key
from config.parser import Commands
from payout.errors import BadInput, Overtaken

if TYPE_CHECKING:
    from config.people.file import PeopleState, Proposal
    from payout.approval.people import Person
    from payout.approval.rules import Rules
    from payout.money import Money

_LIST = """\
Show who may do what, by the people file in force: roles, keys, tiers, caps; what is proposed, and who signed it.

Once somebody has a key, a change of people.toml holds only when enough approvers have signed it.
"""
_KEY = """\
Make a key of your own, to approve with: an Ed25519 private key in a file that only you can read.

Keep it on your own machine. The line that is printed goes into people.toml.
"""
_KEY_EXAMPLES = """\
  payout users key alice.key --passphrase   asks for one, twice
  payout users key alice.key
"""
_SIGN = """\
Sign the proposed people.toml, after its differences have been shown.

It takes as many approvers as the largest payment; with the last signature it is in force.
"""
_SIGN_EXAMPLES = """\
  payout users                              what is proposed
  payout users sign --key alice.key
"""
_COLUMNS = (Column(title="name"), Column(title="roles"), Column(title="keys", whole=True))
PRINT_CHARS = 16


def add(commands: Commands) -> None:
    group = commands.group_or_run("users", run_list, about=_LIST, examples="  payout users\n  payout users --json")
    group.add("list", run_list, about=_LIST)
    parser = group.add("key", run_key, about=_KEY, examples=_KEY_EXAMPLES)
    parser.add_argument("file", metavar="FILE", type=Path, help="where to write it; there must be none")
    parser.add_argument("--passphrase", action="store_true", help="lock it; asked for at the terminal")
    parser.add_argument("--passphrase-file", metavar="FILE", type=Path, help="lock it with what this file holds")
    parser = group.add("sign", run_sign, about=_SIGN, examples=_SIGN_EXAMPLES)
    own_key.add_flags(parser, is_needed=True)
    parser.add_argument("--digest", metavar="HEX", help="sign only if the proposed file still has this SHA-256")


def run_list(call: Call) -> int:
    state = call.house.people.state()
    if call.json:
        call.print_json(_json(state))
        return DONE
    _print_rules(call, state.rules)
    if state.proposal is not None:
        call.screen.line()
        _print_proposal(call, state, state.proposal)
    return DONE


def run_key(call: Call) -> int:
    from adapters.signatures import make_key_file

    file: Path = call.args.file
    key = make_key_file(file, _new_passphrase(call))
    if call.json:
        call.print_json({"file": str(file), "public_key": key.public, "fingerprint": fingerprint(key.public)})
        return DONE
    name = call.args.as_name or "NAME"
    call.screen.line(f"written: {file}, which only you can read. Keep a copy: nobody can make it again.")
    call.screen.line(f"fingerprint: {fingerprint(key.public)}")
    call.screen.line("for people.toml:")
    call.screen.line(f"  [people.{name}]")
    call.screen.line('  roles = ["approver"]')
    call.screen.line(f'  keys = ["{key.public}"]')
    return DONE


def run_sign(call: Call) -> int:
    from config.people import signing

    people = call.house.people
    state = people.state()
    proposal = state.proposal
    if proposal is None:
        call.screen.line("nothing is proposed: the people file is in force as it stands")
        return DONE
    if proposal.text is None or proposal.problems:
        for problem in proposal.problems or (f"{proposal.words}; {proposal.remedy}",):
            call.screen.complain(problem)
        return BAD_INPUT
    given: str | None = call.args.digest
    if given is not None and given.lower() != proposal.step.file:
        raise Overtaken(f"the proposed file has the SHA-256 {proposal.step.file}, not {given}: look at it again")
    key = own_key.open_key(call)
    who = own_key.owner(call, key)
    _check_approver(state.rules, who)
    if who in proposal.signed.signers:
        call.screen.line(f"{who} has signed it already: {proposal.words}")
        return DONE
    if not call.json:
        _print_proposal(call, state, proposal)
        call.screen.line()
    # What was shown is what is signed, whatever the file holds by now.
    signature = key.sign(proposal.step.message(who))
    now = call.house.clock.now().isoformat(timespec="seconds")
    signing.append(people.signatures_file, proposal.step, who, signature, now)
    left = people.state().proposal
    if call.json:
        call.print_json({"signer": who, "digest": proposal.step.file, "in_force": left is None})
        return DONE
    call.screen.line(f"signed by {who}: {'it is in force' if left is None else left.words}")
    return DONE


def fingerprint(public: str) -> str:
    """Short enough to be read aloud."""
    import hashlib

    return hashlib.sha256(public.encode()).hexdigest()[:PRINT_CHARS]


def _check_approver(rules: Rules, who: str) -> None:
    from payout.approval.acts import Act, permit

    permit(rules, who, Act.APPROVE)


def _new_passphrase(call: Call) -> str | None:
    if not (call.args.passphrase or call.args.passphrase_file):
        return None
    first = own_key.passphrase(call, "passphrase of the new key: ")
    if call.args.passphrase_file is None and own_key.passphrase(call, "once more: ") != first:
        raise BadInput("--passphrase", "the two differ", "type it again")
    if not first:
        raise BadInput("--passphrase", "is empty", "give one, or leave the flag out")
    return first


def _public(person: Person) -> list[str]:
    """A key as the people file writes it; of a passkey its id."""
    return [f"{key.kind}:{key.credential or key.text}" for key in person.keys]


def _print_rules(call: Call, rules: Rules) -> None:
    if not rules.people:
        call.screen.line("a one-person install: whoever runs `payout` may do everything")
    else:
        rows = []
        for person in rules.people.values():
            keys = ", ".join(f"{key.partition(':')[0]} {fingerprint(key)}" for key in _public(person))
            rows.append((person.name, ", ".join(sorted(person.roles)), keys or "none"))
        call.screen.table(_COLUMNS, rows)
    call.screen.line()
    cooling = rules.cooling_off
    call.screen.facts(
        [
            ("approved by", _tiers(rules)),
            *((f"cap {name}", f"{cap} USD") for name, cap in _caps(rules) if cap is not None),
            (
                "cooling-off",
                f"{cooling.wait // timedelta(hours=1)} h, for a changed destination above {cooling.above} USD"
                if cooling
                else None,
            ),
        ]
    )


def _tiers(rules: Rules) -> str:
    told = []
    for tier in rules.tiers:
        bound = f"up to {tier.up_to} USD" if tier.up_to else "any amount" if len(rules.tiers) == 1 else "above"
        told.append(f"{bound}: {tier.approvals or 'nobody'}")
    return "; ".join(told)


def _caps(rules: Rules) -> list[tuple[str, Money | None]]:
    caps = rules.caps
    return [
        ("of a refund", caps.refund),
        ("of a day without approval", caps.automatic_day),
        ("of a destination and day", caps.destination_day),
        ("of a day", caps.day),
        ("for ever", caps.total),
        *((f"of wallet {name} and day", cap) for name, cap in sorted(caps.wallet_day.items())),
    ]


def _print_proposal(call: Call, state: PeopleState, proposal: Proposal) -> None:
    screen = call.screen
    screen.line(proposal.words)
    screen.line(f"-> {proposal.remedy}")
    for line in _differences(state, proposal):
        screen.line(f"  {line}")
    if proposal.text is not None and not proposal.problems:
        signers = ", ".join(proposal.signed.signers)
        screen.facts([("sha-256 of it", proposal.step.file), ("signed by", signers or "nobody")])
    for fault in (*proposal.problems[1:], *proposal.signed.faults):
        screen.line(f"  {fault}")


def _differences(state: PeopleState, proposal: Proposal) -> Iterator[str]:
    before, after = (text.decode("utf-8", "replace").splitlines() for text in (state.text, proposal.text or b""))
    yield from difflib.unified_diff(before, after, "in force", "proposed", lineterm="", n=1)


def _json(state: PeopleState) -> dict[str, Any]:
    rules, proposal = state.rules, state.proposal
    return {
        "people": [
            {"name": each.name, "roles": sorted(each.roles), "keys": _public(each)} for each in rules.people.values()
        ],
        "keyed": rules.keyed,
        "tiers": [
            {"up_to_usd": str(tier.up_to) if tier.up_to else None, "approvals": tier.approvals} for tier in rules.tiers
        ],
        "caps": {name: str(cap) for name, cap in _caps(rules) if cap is not None},
        "policy": rules.policy(),
        "proposed": None
        if proposal is None
        else {
            "digest": proposal.step.file,
            "words": proposal.words,
            "remedy": proposal.remedy,
            "problems": list(proposal.problems),
            "signed_by": list(proposal.signed.signers),
            "needed": proposal.needed,
            "not_counted": list(proposal.signed.faults),
            "differences": list(_differences(state, proposal)),
        },
    }
