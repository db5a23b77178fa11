"""Approving with keys of people's own, and which role each command takes."""

from __future__ import annotations

import pytest

from tests.config.keyed import Keyed
from tests.config.line import OTHER, Line


@pytest.fixture
def keyed(line: Line) -> Keyed:
    made = Keyed(line)
    made.write("alice", "bob", head='[[tiers]]\nup_to_usd = "100.00"\napprovals = 1\n[[tiers]]\napprovals = 2\n')
    made.line.add("E-1", "--as", "rita")
    return made


def approve(keyed: Keyed, name: str, *words: str, refund: str = "E-1") -> int:
    return keyed.line("refunds", "approve", refund, "--key", str(keyed.key(name)), *words).code


def test_a_key_approves_after_what_it_signs_was_shown(keyed: Keyed) -> None:
    shown = keyed.line("refunds", "show", "E-1", "--json").json

    said = keyed.line("refunds", "approve", "E-1", "--key", str(keyed.key("alice")))

    assert said.code == 0
    for fact in (shown["destination"], shown["fingerprint"], "25.00 USD", "XMR (monero)", "requested by  rita"):
        assert fact in said.out
    after = keyed.line("refunds", "show", "E-1", "--json").json
    (approval,) = after["approvals"]
    assert (after["status"], approval["signer"], approval["kind"]) == ("APPROVED", "alice", "ed25519")
    assert approval["manifest"] in said.out
    assert approval["manifest"] in keyed.line("refunds", "show", "E-1").out


def test_the_instances_key_approves_nothing_once_people_have_keys(keyed: Keyed) -> None:
    said = keyed.line("refunds", "approve", "E-1", "--as", "alice")

    assert (said.code, "--key FILE" in said.err) == (3, True)
    assert keyed.line.status_of() == "REQUESTED"


def test_two_people_approve_what_is_large(keyed: Keyed) -> None:
    keyed.line.add("E-2", "--as", "rita", usd="250.00")

    assert approve(keyed, "alice", refund="E-2") == 0
    assert keyed.line.status_of("E-2") == "REQUESTED"
    assert approve(keyed, "bob", refund="E-2") == 0
    assert keyed.line.status_of("E-2") == "APPROVED"


def test_one_key_is_one_person_however_often_it_signs(keyed: Keyed) -> None:
    keyed.line.add("E-2", "--as", "rita", usd="250.00")

    approve(keyed, "alice", refund="E-2")
    approve(keyed, "alice", refund="E-2")

    assert keyed.line.status_of("E-2") == "REQUESTED"


def test_a_key_signs_in_its_owners_name_alone(keyed: Keyed) -> None:
    said = keyed.line("refunds", "approve", "E-1", "--key", str(keyed.key("alice")), "--as", "bob")

    assert (said.code, "is the key of alice" in said.err) == (2, True)
    assert keyed.line.status_of() == "REQUESTED"


def test_nobodys_key_approves_nothing(keyed: Keyed) -> None:
    said = keyed.line("refunds", "approve", "E-1", "--key", str(keyed.key("carol")))

    assert (said.code, "is nobody's key" in said.err) == (3, True)


def test_another_revision_than_the_one_seen_is_not_signed(keyed: Keyed) -> None:
    keyed.line("refunds", "amend", "E-1", "--destination", OTHER, "--why", "asked", "--as", "rita")

    said = keyed.line("refunds", "approve", "E-1", "--key", str(keyed.key("alice")), "--revision", "1")

    assert said.code == 3
    assert "no longer 1" in said.err
    assert "rita amended it" in said.err
    assert OTHER in said.err
    assert approve(keyed, "alice", "--revision", "2") == 0


def test_what_is_not_as_it_was_seen_is_not_signed(keyed: Keyed) -> None:
    seen = keyed.line("refunds", "show", "E-1", "--json").json["fingerprint"]

    said = keyed.line("refunds", "approve", "E-1", "--key", str(keyed.key("alice")), "--fingerprint", "0" * 64)

    assert (said.code, "not what you saw" in said.err, seen in said.err) == (3, True, True)
    assert keyed.line.status_of() == "REQUESTED"
    assert approve(keyed, "alice", "--fingerprint", seen) == 0
    assert keyed.line.status_of() == "APPROVED"


def test_a_revision_goes_with_one_refund(keyed: Keyed) -> None:
    keyed.line.add("E-2", "--as", "rita")

    assert keyed.line("refunds", "cancel", "E-1", "E-2", "--why", "x", "--as", "rita", "--revision", "1").code == 2
    assert keyed.line("refunds", "approve", "E-1", "E-2", "--revision", "1", "--as", "alice").code == 2


def test_each_of_many_is_signed_and_the_worst_exit_code_counts(keyed: Keyed) -> None:
    keyed.line.add("E-2", "--as", "rita")

    said = keyed.line("refunds", "approve", "E-1", "none", "E-2", "--key", str(keyed.key("alice")), "--json")

    assert said.code == 2
    assert [each.get("status") for each in said.json] == ["APPROVED", None, "APPROVED"]
    assert said.json[0]["signer"] == "alice"
    assert "signature" not in said.out


def test_somebody_taken_off_the_people_file_no_longer_counts(keyed: Keyed) -> None:
    approve(keyed, "alice")
    keyed.write("bob")
    for name in ("alice", "bob"):
        keyed.line("users", "sign", "--key", str(keyed.key(name)))
    keyed.line("refunds", "hold", "E-1", "--why", "look", "--as", "rita")

    keyed.line("refunds", "release", "E-1", "--as", "bob")

    assert keyed.line.status_of() == "REQUESTED"


def test_an_approvers_own_machine_needs_no_approval_key(keyed: Keyed) -> None:
    (keyed.line.folder / "var" / "approval.key").unlink()

    assert approve(keyed, "alice") == 0


CSV = "external_id,usd,asset,destination\n"


@pytest.mark.parametrize(
    ("words", "role"),
    [
        (("refunds", "add", "--external-id", "N", "--usd", "5.00", "--asset", "XMR", "--destination", OTHER), "rita"),
        (("refunds", "import", "FILE"), "rita"),
        (("refunds", "amend", "E-1", "--destination", OTHER, "--why", "x"), "rita"),
        (("refunds", "cancel", "E-1", "--why", "x"), "rita"),
        (("refunds", "reject", "E-1", "--why", "x"), "alice"),
        (("refunds", "resolve", "E-1", "--how", "credited", "--why", "x"), "ada"),
        (("ledger", "classify", "ab" * 32, "--why", "x"), "ada"),
        (("resume",), "ada"),
    ],
)
def test_a_command_takes_its_role_and_whoever_lacks_it_is_told_who_has_it(
    keyed: Keyed, words: tuple[str, ...], role: str
) -> None:
    (keyed.line.folder / "some.csv").write_text(f"{CSV}N-1,5.00,XMR,{OTHER}\n")
    words = tuple(str(keyed.line.folder / "some.csv") if word == "FILE" else word for word in words)
    for other in {"alice", "rita", "ada", "mallory"} - {role}:
        said = keyed.line(*words, "--as", other)
        assert said.code == 3, other
        assert "and may not" in said.err
        assert role in said.err

    assert keyed.line(*words, "--as", role).code == 0


@pytest.mark.parametrize("who", ["alice", "rita", "ada"])
def test_anybody_who_is_named_may_stop_things(keyed: Keyed, who: str) -> None:
    assert keyed.line("refunds", "hold", "E-1", "--why", "x", "--as", who).code == 0
    assert keyed.line("pause", "--why", "x", "--as", who).code == 0
    assert keyed.line("pause", "--why", "x", "--as", "mallory").code == 3


@pytest.mark.parametrize("words", [("rates", "accept", "XMR", "--why", "x"), ("reconcile", "--repair")])
def test_what_changes_the_records_takes_an_admin(keyed: Keyed, words: tuple[str, ...]) -> None:
    said = keyed.line(*words, "--as", "alice")

    assert (said.code, "ask ada" in said.err) == (3, True)


@pytest.mark.parametrize("name", ["api:panel", "payout", "policy", "a:b"])
def test_nobody_acts_under_a_name_of_the_program_or_of_a_key(line: Line, name: str) -> None:
    said = line.add("E-1", "--as", name)

    assert (said.code, "is how this program or an API key is named" in said.err) == (2, True)


AUTOMATIC = """\
[[tiers]]
up_to_usd = "30.00"
approvals = 0
[[tiers]]
approvals = 1
[caps]
automatic_day_usd = "60.00"
"""


def test_a_small_refund_is_approved_as_it_is_handed_in_until_it_is_changed(keyed: Keyed) -> None:
    line = keyed.line
    keyed.write("alice", "bob", head=AUTOMATIC)
    for name in ("alice", "bob"):
        line("users", "sign", "--key", str(keyed.key(name)))

    said = line.add("E-2", "--as", "rita")

    assert "APPROVED" in said.out
    assert "next:" not in said.out
    (approval,) = line("refunds", "show", "E-2", "--json").json["approvals"]
    assert (approval["signer"], approval["kind"]) == ("policy", "automatic")
    line.add("E-3", "--as", "rita", usd="30.01")
    assert line.status_of("E-3") == "REQUESTED"
    line("refunds", "amend", "E-2", "--destination", OTHER, "--why", "asked", "--as", "rita")
    assert line.status_of("E-2") == "REQUESTED"
    assert approve(keyed, "bob", refund="E-2") == 0
