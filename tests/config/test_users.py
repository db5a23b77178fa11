"""`payout users`: keys are made, people are shown, and a change of the people file is signed."""

from __future__ import annotations

import pytest

from tests.canary import secret
from tests.config.keyed import Keyed
from tests.config.line import Line


@pytest.fixture
def keyed(line: Line) -> Keyed:
    made = Keyed(line)
    made.write("alice", "bob", head="quorum = 2\n")
    return made


def sign(keyed: Keyed, name: str, *more: str) -> int:
    return keyed.line("users", "sign", "--key", str(keyed.key(name)), *more).code


def test_a_key_that_was_made_fits_into_the_people_file_as_it_was_printed(line: Line) -> None:
    said = line("users", "key", str(line.folder / "a.pem"), "--as", "alice")

    assert said.code == 0
    printed = [text.strip() for text in said.out.splitlines()]
    start = printed.index("[people.alice]")
    line.people("\n".join(printed[start : start + 3]) + "\n")
    assert line("users", "--json").json["keyed"] is True
    assert line.add("E-1", "--as", "alice").code == 3
    assert (line.folder / "a.pem").stat().st_mode & 0o777 == 0o600


def test_a_key_is_locked_with_what_a_file_holds(line: Line) -> None:
    words = line.folder / "passphrase.secret"
    words.write_text(secret("of alice") + "\n")
    words.chmod(0o600)
    file = line.folder / "a.pem"
    public = line("users", "key", str(file), "--passphrase-file", str(words), "--json").json["public_key"]
    line.people(f'[people.alice]\nroles = ["approver", "requester"]\nkeys = ["{public}"]\n')
    line.add("E-1", "--as", "alice")

    assert "ENCRYPTED" in file.read_text()
    locked = line("refunds", "approve", "E-1", "--key", str(file))
    assert (locked.code, "give --passphrase-file" in locked.err) == (2, True)
    assert line("refunds", "approve", "E-1", "--key", str(file), "--passphrase-file", str(words)).code == 0


def test_a_passphrase_that_others_can_read_is_refused(line: Line) -> None:
    words = line.folder / "passphrase.secret"
    words.write_text(secret("of alice"))
    words.chmod(0o644)

    said = line("users", "key", str(line.folder / "a.pem"), "--passphrase-file", str(words))

    assert (said.code, "chmod 600" in said.err) == (2, True)
    assert not (line.folder / "a.pem").exists()


def test_a_one_person_install_says_so(line: Line) -> None:
    assert "a one-person install" in line("users").out


def test_everybody_is_shown_with_roles_keys_and_rules(keyed: Keyed) -> None:
    keyed.write("alice", head='[[tiers]]\nup_to_usd = "9.00"\napprovals = 0\n[[tiers]]\napprovals = 1\n', more=CAPS)

    said = keyed.line("users")

    assert said.code == 0
    for words in (
        "admin, finance",
        "up to 9.00 USD: nobody; above: 1",
        "50.00 USD",
        "48 h, for a changed destination above 70.00 USD",
        "rita",
    ):
        assert words in said.out
    body = keyed.line("users", "list", "--json").json
    alice = next(each for each in body["people"] if each["name"] == "alice")
    assert alice == {"name": "alice", "roles": ["approver"], "keys": [keyed.publics["alice"]]}
    assert body["proposed"] is None
    assert body["caps"]["of a day without approval"] == "50.00"


CAPS = '[caps]\nautomatic_day_usd = "50.00"\n[cooling_off]\nabove_usd = "70.00"\nhours = 48\n'


def test_a_change_is_shown_before_it_is_signed_and_holds_with_the_last_signature(keyed: Keyed) -> None:
    keyed.line("users")
    keyed.write("alice", "carol")

    assert "0 of 2 signatures" in keyed.line("users").out
    said = keyed.line("users", "sign", "--key", str(keyed.key("alice")))
    assert (said.code, "-[people.bob]" in said.out, "+[people.carol]" in said.out) == (0, True, True)
    assert "1 of 2 signatures" in keyed.line("status").out
    proposed = keyed.line("users", "--json").json["proposed"]
    assert (proposed["signed_by"], proposed["needed"]) == (["alice"], 2)

    said = keyed.line("users", "sign", "--key", str(keyed.key("bob")), "--json")

    assert said.json["in_force"] is True
    assert {each["name"] for each in keyed.line("users", "--json").json["people"]} == {"alice", "carol", "rita", "ada"}
    assert keyed.line("status", "--json").json["people_proposed"] is None
    with keyed.line.store() as store:
        changes = [event for event in store.events() if event.kind == "people.changed"]
    assert changes[-1].who == "alice and bob"


def test_signing_twice_counts_once(keyed: Keyed) -> None:
    keyed.line("users")
    keyed.write("alice")

    assert (sign(keyed, "alice"), sign(keyed, "alice")) == (0, 0)

    assert keyed.line("users", "--json").json["proposed"]["signed_by"] == ["alice"]
    assert len((keyed.line.folder / "people.toml.signatures").read_text().splitlines()) == 1


def test_a_stranger_and_the_newcomer_sign_nothing(keyed: Keyed) -> None:
    keyed.line("users")
    keyed.write("alice", "carol")

    said = keyed.line("users", "sign", "--key", str(keyed.key("carol")))

    assert (said.code, "is nobody's key" in said.err) == (3, True)
    assert not (keyed.line.folder / "people.toml.signatures").exists()


def test_a_file_that_changed_since_it_was_looked_at_is_not_signed(keyed: Keyed) -> None:
    keyed.line("users")
    keyed.write("alice")
    seen = keyed.line("users", "--json").json["proposed"]["digest"]
    keyed.write("alice", more="# and more\n")

    assert sign(keyed, "alice", "--digest", seen) == 3
    assert sign(keyed, "alice", "--digest", keyed.line("users", "--json").json["proposed"]["digest"]) == 0


def test_a_wrong_proposal_is_named_by_line_and_not_signed(keyed: Keyed) -> None:
    keyed.line("users")
    keyed.line.people("quorum = 99\n")

    said = keyed.line("users", "sign", "--key", str(keyed.key("alice")))

    assert said.code == 2
    assert "people.toml:1: quorum: must be a whole number" in said.err
    assert "is wrong" in keyed.line("users").out


def test_where_nothing_is_proposed_nothing_is_signed(keyed: Keyed) -> None:
    keyed.line("users")

    said = keyed.line("users", "sign", "--key", str(keyed.key("alice")))

    assert (said.code, "nothing is proposed" in said.out) == (0, True)


def test_the_doctor_tells_of_a_change_that_is_not_signed(keyed: Keyed) -> None:
    keyed.line("users")
    keyed.write("alice")

    checks = [check for check in keyed.line("doctor", "--json").json if check["check"] == "people"]

    assert [check["state"] for check in checks] == ["warning", "ok"]
    assert "0 of 2 signatures" in checks[0]["words"]


def test_the_doctor_says_what_the_approval_key_means_where_nobody_has_a_key(line: Line) -> None:
    line.people('[people.a]\nroles = ["approver"]\n[people.b]\nroles = []\n[caps.wallet_day_usd]\nhto = "5.00"\n')

    words = [check["words"] for check in line("doctor", "--json").json if check["check"] == "people"]

    assert any("can approve in anybody's name" in each for each in words)
    assert any("hto is no wallet here" in each for each in words)
