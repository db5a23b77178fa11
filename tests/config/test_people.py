"""The text of a people file: people, roles, keys, tiers, caps; and every problem in it by its line."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from config.people import read_rules
from payout.approval.people import KeyKind, Role
from payout.approval.rules import Rules
from payout.errors import SettingsError
from tests.adapters.signatures.authenticator import Passkey
from tests.factories import usd

ALICE = "ed25519:O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik="
FILE = Path("people.toml")


def read(text: str) -> Rules:
    return read_rules(text, FILE)


def problems(text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(text)
    return "\n".join(caught.value.problems)


def test_an_empty_file_is_a_one_person_install() -> None:
    rules = read("")

    assert rules == Rules()
    assert rules.holds("whoever", Role.ADMIN)
    assert rules.most_approvals == 1


def test_names_roles_and_quorum_are_read() -> None:
    rules = read('quorum = 2\n[people.a]\nroles = ["approver"]\n[people.b]\nroles = ["requester", "approver"]\n')

    assert rules.approvals_for(usd("0.01")) == rules.approvals_for(usd("99999")) == 2
    assert rules.holds("b", Role.REQUESTER)
    assert not rules.holds("a", Role.REQUESTER)
    assert not rules.holds("c", Role.APPROVER)
    assert not rules.keyed


def test_an_operator_of_an_older_file_is_an_admin_who_approves() -> None:
    assert read('[people.a]\nroles = ["operator"]\n').people["a"].roles == {Role.ADMIN, Role.APPROVER}


def test_tiers_caps_and_a_cooling_off_are_read_whole() -> None:
    rules = read(
        """\
[[tiers]]
up_to_usd = "25.00"
approvals = 0
[[tiers]]
up_to_usd = "200.00"
approvals = 1
[[tiers]]
approvals = 2
[caps]
refund_usd = "300.00"
automatic_day_usd = "200.00"
destination_day_usd = "250.00"
day_usd = "2000.00"
total_usd = "100000.00"
[caps.wallet_day_usd]
hot = "1500.00"
[cooling_off]
above_usd = "100.00"
hours = 48
[people.a]
roles = ["approver"]
[people.b]
roles = ["approver"]
"""
    )

    needed = [rules.approvals_for(usd(owed)) for owed in ("25.00", "25.01", "200.00", "200.01")]
    assert needed == [0, 1, 1, 2]
    assert rules.most_approvals == 2
    caps = rules.caps
    assert (caps.refund, caps.automatic_day, caps.destination_day) == (usd("300.00"), usd("200.00"), usd("250.00"))
    assert (caps.day, caps.total, caps.wallet_day) == (usd("2000.00"), usd("100000.00"), {"hot": usd("1500.00")})
    assert rules.cooling_off is not None
    assert (rules.cooling_off.above, rules.cooling_off.wait) == (usd("100.00"), timedelta(hours=48))


def test_what_is_absent_sets_no_cap() -> None:
    rules = read("")

    assert (rules.caps.refund, rules.caps.day, rules.caps.total, rules.cooling_off) == (None, None, None, None)
    assert not rules.caps.wallet_day


def test_both_kinds_of_keys_are_read() -> None:
    passkey = Passkey("console.example", "https://console.example")
    rules = read(
        f"""\
[passkeys]
rp_id = "console.example"
origin = "https://console.example"
[people.a]
roles = ["approver"]
keys = ["{ALICE}"]
[[people.a.passkeys]]
id = "{passkey.credential}"
public_key = "{passkey.public}"
"""
    )

    assert rules.keyed
    assert [(key.kind, key.credential) for key in rules.people["a"].keys] == [
        (KeyKind.ED25519, None),
        (KeyKind.WEBAUTHN, passkey.credential),
    ]
    assert (rules.rp_id, rules.origin) == ("console.example", "https://console.example")


A = f'[people.a]\nroles = ["approver"]\nkeys = ["{ALICE}"]\n'
TWO = '[people.a]\nroles = ["approver"]\n[people.b]\nroles = ["approver"]\n'
PASSKEY = '[[people.a.passkeys]]\nid = "YQ"\npublic_key = "YQ"\n'
B_PASSKEY = '[people.b]\nroles = ["approver"]\n[[people.b.passkeys]]\nid = "YWE"\npublic_key = "YQ"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("quorum = 0\n", "people.toml:1: quorum: must be a whole number from 1 to 10"),
        ("quorum = true\n", "must be a whole number"),
        ('[people.a]\nroles = ["aprover"]\n', "'aprover' is not known; did you mean approver?"),
        ('[people.a]\nroles = ["boss"]\n', "use any of requester, approver, finance, admin"),
        ("[people.a]\nroles = [3]\n", "people.toml:2: [people.a] roles: 3 is not known"),
        ("[people.a]\nrole = []\n", "role: is not a known key; did you mean roles?"),
        ("quorum = 2\n", "2 must approve, but 0 have the role approver"),
        ('[people.a]\nroles = ["requester"]\n', "1 must approve, but 0 have the role approver"),
        ("[person.a]\n", "person: is not a known key"),
        ("people = [\n", "cannot be read as TOML"),
        ('[people."api:x"]\n', "'api:x' is how this program names itself or an API key"),
        ("[people.policy]\n", "'policy' is how this program names itself"),
        ("[people.payout]\n", "'payout' is how this program names itself"),
        ('[people." a"]\n', "is not a name"),
        ('[people."a\\nb"]\n', "is not a name"),
        # keys
        (f'{A}[people.b]\nroles = ["approver"]\n', "people.toml:4: [people] b: has no key, and others have"),
        (f'{A}[people.b]\nkeys = ["{ALICE}"]\n', "people.toml:5: [people.b] keys: O2onvM62pC1i.. is the one of a too"),
        (f'[people.a]\nroles = ["approver"]\nkeys = ["{ALICE}", "{ALICE}"]\n', "is of this person twice"),
        (
            '[people.a]\nroles = ["approver"]\nkeys = ["AAAA"]\n',
            "[people.a] keys: key 1 does not begin with `ed25519:`",
        ),
        ('[people.a]\nroles = ["approver"]\nkeys = ["ed25519:AAAA"]\n', "key 1 is not 32 bytes in base64"),
        (f'[people.a]\nroles = ["approver"]\nkeys = ["ed25519:{"A" * 43}="]\n', "key 1 is a weak key"),
        ('[people.a]\nroles = ["approver"]\nkeys = [7]\n', "key 1 does not begin with `ed25519:`"),
        (f'{A}[[people.a.passkeys]]\nid = "YQ"\n', "[people.a.passkeys 1] public_key: is not base64url"),
        (A + PASSKEY, "people.toml:6: [people.a.passkeys 1] public_key: is no public key as a passkey gives it"),
        (A + PASSKEY.replace('"YQ"', '"Y!"', 1), "people.toml:5: [people.a.passkeys 1] id: is not base64url"),
        (A + PASSKEY, "[passkeys] rp_id: is missing"),
        # Its id is not signed: one authenticator under two ids would be two people.
        (A + PASSKEY + B_PASSKEY, "[people.b] passkeys: YWE.. is the one of a too"),
        ('[passkeys]\nrp_id = "a.example"\norigin = "https://b.example"\n', "origin: is not below rp_id"),
        ('[passkeys]\nrp_id = "a.example"\norigin = "http://a.example"\n', "must be https"),
        ('[passkeys]\nrp_id = "https://a.example"\n', "is no host name"),
        # tiers
        ("quorum = 1\n[[tiers]]\napprovals = 1\n", "people.toml:1: quorum: says the same as [[tiers]]"),
        ("[[tiers]]\napprovals = 11\n", "people.toml:2: [tiers 1] approvals: 11 is out of range: use 0 to 10"),
        ('[[tiers]]\nup_to_usd = "5.00"\n', "people.toml:1: [tiers 1] approvals: is missing"),
        ('[[tiers]]\nup_to_usd = "5.00"\napprovals = 1\n', "up_to_usd: does not belong into the last tier"),
        ("[[tiers]]\napprovals = 1\n[[tiers]]\napprovals = 1\n", "[tiers 1] up_to_usd: is missing"),
        (
            (
                '[[tiers]]\nup_to_usd = "9.00"\napprovals = 1\n[[tiers]]\nup_to_usd = "9.00"\napprovals = 1\n'
                "[[tiers]]\napprovals = 1\n"
            ),
            "people.toml:5: [tiers 2] up_to_usd: is not above the tier before it, 9.00",
        ),
        (
            f'[[tiers]]\nup_to_usd = "9.00"\napprovals = 2\n[[tiers]]\napprovals = 1\n{TWO}',
            "people.toml:5: [tiers 2] approvals: is less than the 2 of the tier before it",
        ),
        ("[[tiers]]\nup_to_usd = 9.0\napprovals = 1\n[[tiers]]\napprovals = 1\n", "is a bare number"),
        ("[[tiers]]\nquorum = 1\napprovals = 1\n", "[tiers 1] quorum: is not a known key"),
        ("tiers = 3\n", "people.toml:1: tiers: must be a list of tables"),
        ("tiers = []\n", "must be a list of tables"),
        ("[[tiers]]\napprovals = 3\n" + TWO, "people.toml:1: tiers: 3 must approve, but 2 have the role approver"),
        ('[[tiers]]\nup_to_usd = "9.00"\napprovals = 0\n[[tiers]]\napprovals = 1\n', "automatic_day_usd: is missing"),
        # caps and the rest
        ("[caps]\nday_usd = 5\n", "people.toml:2: [caps] day_usd: is a bare number"),
        ('[caps]\nweek_usd = "5.00"\n', "[caps] week_usd: is not a known key"),
        ("[caps.wallet_day_usd]\nhot = 5\n", "people.toml:2: [caps.wallet_day_usd] hot: is a bare number"),
        ("[cooling_off]\nhours = 0\n", "people.toml:2: [cooling_off] hours: 0 is out of range: use 1 to 720"),
        ("people = 1\n", "people: must be a table"),
    ],
)
def test_a_file_that_is_wrong_is_refused_by_line(text: str, words: str) -> None:
    assert words in problems(text)


def test_every_problem_is_told_at_once() -> None:
    told = problems('quorum = 0\n[caps]\nday_usd = 1\n[people.a]\nroles = ["x"]\nkeys = ["y"]\n')

    assert [line.partition(": ")[0] for line in told.splitlines()] == [
        f"people.toml:{number}" for number in (1, 1, 3, 5, 6)
    ]
