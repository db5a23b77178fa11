"""Once people have keys, a change of the people file waits until enough of them have signed it."""

from __future__ import annotations

import json

import pytest

from adapters.signatures import make_key_file
from adapters.signatures.passkey import challenge
from config.people.file import IN_FORCE
from config.people.signing import Step, append, digest
from payout.approval.people import Role
from tests.adapters.signatures.authenticator import Passkey
from tests.config.people_desk import PLAIN, Desk


def signed(desk: Desk) -> tuple[str, ...]:
    proposal = desk.people.state().proposal
    assert proposal is not None
    return proposal.signed.signers


def test_once_there_are_keys_a_change_waits_for_its_signatures(desk: Desk) -> None:
    desk.write(desk.keyed("alice", "bob", quorum=2))
    desk.people.rules()
    desk.write(desk.keyed("alice", "carol"))

    assert desk.named() == {"alice", "bob"}
    desk.sign("alice")
    assert (desk.named(), signed(desk)) == ({"alice", "bob"}, ("alice",))
    desk.sign("bob")
    assert desk.named() == {"alice", "carol"}
    assert desk.people.state().proposal is None
    assert desk.taken[-1].signers == ("alice", "bob")
    assert (desk.state_dir / IN_FORCE).read_text() == desk.file.read_text()
    assert (desk.state_dir / IN_FORCE).stat().st_mode & 0o077 == 0


def test_another_process_sees_the_same(desk: Desk) -> None:
    desk.write(desk.keyed("alice"))
    desk.people.rules()
    desk.write(desk.keyed("alice", "bob"))
    other = desk.open()

    assert set(other.rules().people) == {"alice"}
    desk.sign("alice")
    assert set(other.rules().people) == {"alice", "bob"}
    assert desk.named() == {"alice", "bob"}


def test_a_removed_person_stops_counting_in_a_process_that_runs(desk: Desk) -> None:
    desk.write(desk.keyed("alice", "bob"))
    assert desk.people.rules().holds("bob", Role.APPROVER)

    desk.write(desk.keyed("alice"))
    desk.sign("alice")

    assert not desk.people.rules().holds("bob", Role.APPROVER)


@pytest.mark.parametrize(
    "attempt",
    [
        "one person twice",
        "a newcomer",
        "no approver",
        "another's name",
        "another file",
        "nonsense",
        "another instance",
        "hmac",
    ],
)
def test_what_does_not_count_changes_nothing(desk: Desk, attempt: str) -> None:
    rita = make_key_file(desk.folder / "rita.pem", None)
    more = f'[people.rita]\nroles = ["admin", "finance", "requester"]\nkeys = ["{rita.public}"]\n'
    desk.write(desk.keyed("alice", "bob", quorum=2, more=more))
    before = desk.named()
    desk.write(desk.keyed("carol"))
    desk.sign("alice")
    proposal = desk.people.state().proposal
    assert proposal is not None
    step, file = proposal.step, desk.people.signatures_file
    if attempt == "one person twice":
        desk.sign("alice")
    elif attempt == "a newcomer":
        desk.sign("carol")
    elif attempt == "no approver":
        desk.sign("rita", key=rita)
    elif attempt == "another's name":
        desk.sign("alice", who="bob")
    elif attempt == "another file":
        wrong = Step(instance="acme", after=step.after, file=digest(b"other"))
        append(file, step, "bob", desk.keys["bob"].sign(wrong.message("bob")), "")
    elif attempt == "nonsense":
        with file.open("ab") as stream:
            stream.write(b"[" * 9999 + b'\n{"a":\n\xff\xfe\n{"signer": 3}\n' + b'{"a":' * 5000 + b"\n")
    elif attempt == "another instance":
        wrong = Step(instance="other", after=step.after, file=step.file)
        append(file, step, "bob", desk.keys["bob"].sign(wrong.message("bob")), "")
    else:
        append(file, step, "bob", "00" * 32, "")

    assert desk.named() == before
    assert signed(desk) == ("alice",)


def test_an_older_file_that_was_signed_for_cannot_come_back(desk: Desk) -> None:
    first = desk.keyed("alice")
    desk.write(first)
    desk.people.rules()
    with_bob = desk.keyed("alice", "bob")
    desk.write(with_bob)
    desk.sign("alice")
    assert desk.named() == {"alice", "bob"}
    desk.write(desk.keyed("alice", more="# bob has left\n"))
    desk.sign("alice")
    assert desk.named() == {"alice"}

    desk.write(with_bob)

    assert desk.named() == {"alice"}
    proposal = desk.people.state().proposal
    assert proposal is not None
    assert "signed it as a change of another file" in proposal.signed.faults[0]


def test_a_torn_line_does_not_swallow_the_next_signature(desk: Desk) -> None:
    desk.write(desk.keyed("alice"))
    desk.people.rules()
    desk.write(desk.keyed("bob"))
    desk.people.signatures_file.write_text('{"after": "torn')

    desk.sign("alice")

    assert desk.named() == {"bob"}


def test_a_change_signed_and_then_edited_is_another_change(desk: Desk) -> None:
    desk.write(desk.keyed("alice", quorum=1))
    desk.people.rules()
    proposed = desk.keyed("alice", "bob")
    desk.write(proposed + "# typo\n")
    step_of_typo = desk.people.state().proposal
    assert step_of_typo is not None

    desk.write(proposed)
    append(
        desk.people.signatures_file,
        step_of_typo.step,
        "alice",
        desk.keys["alice"].sign(step_of_typo.step.message("alice")),
        "",
    )

    assert desk.named() == {"alice"}


def test_a_wrong_file_is_not_taken_however_many_sign_it(desk: Desk) -> None:
    desk.write(desk.keyed("alice"))
    desk.people.rules()
    desk.write("quorum = 9\n")
    desk.sign("alice")

    assert desk.named() == {"alice"}


def test_keys_may_be_taken_away_again_by_those_who_have_them(desk: Desk) -> None:
    desk.write(desk.keyed("alice"))
    desk.people.rules()
    desk.write(PLAIN)
    assert desk.people.rules().keyed

    desk.sign("alice")

    assert not desk.people.rules().keyed


def test_a_passkey_signs_a_change_too(desk: Desk) -> None:
    passkey = Passkey("console.example", "https://console.example")
    head = '[passkeys]\nrp_id = "console.example"\norigin = "https://console.example"\n'
    person = f'[people.dora]\nroles = ["approver"]\n[[people.dora.passkeys]]\nid = "{passkey.credential}"\n'
    desk.write(f'{head}{person}public_key = "{passkey.public}"\n')
    desk.people.rules()
    desk.write(desk.keyed("alice"))
    proposal = desk.people.state().proposal
    assert proposal is not None

    signature = passkey.assertion(challenge(proposal.step.message("dora")))
    append(desk.people.signatures_file, proposal.step, "dora", signature, "")

    assert desk.named() == {"alice"}


def test_each_line_of_signatures_is_json_of_its_own(desk: Desk) -> None:
    desk.write(desk.keyed("alice", quorum=1))
    desk.people.rules()
    desk.write(desk.keyed("alice", "bob"))
    desk.sign("alice")

    (line,) = desk.people.signatures_file.read_text().splitlines()
    assert json.loads(line).keys() == {"after", "file", "signer", "signature", "at"}
