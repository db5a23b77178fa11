"""`payout refunds import`: all or nothing, and every bad row named with line, column and remedy."""

from __future__ import annotations

import pytest

from tests.config.line import Line, Said
from tests.factories import ADDRESS

HEADER = "external_id,usd,asset,destination"


def row(external_id: str, usd: str = "10.00", more: str = "") -> str:
    return f"{external_id},{usd},XMR,{ADDRESS}{more}"


def take(line: Line, text: str | bytes, *more: str) -> Said:
    file = line.folder / "refunds.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return line("refunds", "import", str(file), *more)


def count(line: Line) -> int:
    return len(line("refunds", "list", "--json").json)


def test_a_file_is_imported_and_again_it_is_all_known(line: Line) -> None:
    text = "\n".join([HEADER, *(row(f"E-{number}") for number in range(45))])

    assert take(line, text).out == "45 new, 0 known\n"
    said = take(line, text)

    assert (said.code, said.out) == (0, "0 new, 45 known\n")
    assert count(line) == 45


def test_every_bad_row_is_named_with_its_line_and_column_and_nothing_is_imported(line: Line) -> None:
    rows = [
        HEADER,
        row("E-1"),
        row("E-2", "1e3"),
        row("E-3", "9999"),
        "E-4,5,BTC,nowhere",
        f",5,XMR,{ADDRESS}",
        "E-6,5",
        row("E-1", "11.00"),
    ]

    said = take(line, "\n".join(rows))

    assert said.code == 2
    assert count(line) == 0
    named = [text.removeprefix("payout: refunds.csv:") for text in said.err.splitlines()]
    assert named[0].startswith("3: usd: is written with an exponent")
    assert named[1].startswith("4: usd: 9999.00 USD is above")
    assert named[2].startswith("5: asset: 'BTC' cannot be paid")
    assert named[3].startswith("6: external_id: is empty")
    assert named[4].startswith("7: row: has 2 cells, the header has 4")
    assert named[5].startswith("8: external_id: E-1 stands on line 2 with other facts")
    assert "nothing was imported" in named[6]


def test_partial_takes_the_good_rows_and_still_names_the_others(line: Line) -> None:
    text = "\n".join([HEADER, row("E-1"), row("E-2", "0"), row("E-3")])

    said = take(line, text, "--partial")

    assert (said.code, said.out) == (2, "2 new, 0 known, 1 bad\n")
    assert "refunds.csv:3: usd: is zero" in said.err
    assert count(line) == 2


def test_rows_that_only_a_rule_refuses_exit_as_refused(line: Line) -> None:
    said = take(line, "\n".join([HEADER, row("E-1", "0.50")]))

    assert said.code == 3


def test_a_row_that_is_on_record_with_other_facts_is_named(line: Line) -> None:
    line.add("E-1")

    said = take(line, "\n".join([HEADER, row("E-0"), row("E-1", "26.00")]))

    assert said.code == 2
    assert "refunds.csv:3: external_id: E-1 is on record with other facts" in said.err
    assert count(line) == 1


def test_rows_of_one_payment_that_do_not_fit_its_worth_are_refused(line: Line) -> None:
    header = f"{HEADER},payment_tx,paid_usd"
    rows = [row("E-1", "30.00", ",P-1,40.00"), row("E-2", "10.00", ",P-1,"), row("E-3", "1.00", ",P-1,40.00")]

    said = take(line, "\n".join([header, *rows]))

    assert said.code == 3
    assert "refunds.csv:4: usd: payment P-1 was worth 40.00 USD" in said.err
    assert count(line) == 0


def test_a_payment_that_is_partly_refunded_already_counts_what_is_on_record(line: Line) -> None:
    line.add("E-0", "--payment-tx", "P-1", "--paid-usd", "40.00")

    said = take(line, "\n".join([f"{HEADER},payment_tx", row("E-1", "15.00", ",P-1"), row("E-2", "1.00", ",P-1")]))

    assert said.code == 3
    assert "refunds.csv:3: payment P-1 was worth 40.00 USD" in said.err
    assert count(line) == 1


def test_rows_that_disagree_on_what_a_payment_was_worth_are_bad_input(line: Line) -> None:
    header = f"{HEADER},payment_tx,paid_usd"

    said = take(line, "\n".join([header, row("E-1", "1", ",P,40.00"), row("E-2", "1", ",P,41.00")]))

    assert said.code == 2
    assert "refunds.csv:3: paid_usd: 41.00 is not what line 2 says" in said.err


@pytest.mark.parametrize(
    "text",
    [
        f'\ufeff{HEADER},reason\r\n{row("E-1")},"late, sorry"\r\n',
        f"reason,destination,asset,usd,external_id\nx,{ADDRESS},XMR,10.00,E-1\n",
        f"{HEADER}\n\n{row('E-1')}\n\n,,,\n",
        f'{HEADER},reason\n{row("E-1")},"she said ""no"""\n',
        f" external_id , usd,asset,destination\n{row('E-1')}",
    ],
)
def test_what_spreadsheets_write_is_taken(line: Line, text: str) -> None:
    said = take(line, text)

    assert (said.code, said.out) == (0, "1 new, 0 known\n"), said.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty; begin with the header external_id,usd,asset,destination"),
        ("\n\n", "is empty"),
        (HEADER.replace(",", ";") + "\n", "refunds.csv:1: header: is not separated by commas"),
        ("external_id,usd,asset\n", "header: lacks the column destination"),
        (f"{HEADER},external_id\n", "header: names 'external_id' twice"),
        (f"{HEADER},pament_tx\n", "header: has an unknown column 'pament_tx'; did you mean payment_tx?"),
        (f"{HEADER},Memo\n", "did you mean memo?"),
        (f"{HEADER}\n{row('E-1')}\0\n", "refunds.csv:2: holds a NUL byte"),
        (f"{HEADER}\n{row('E-1')}\n".encode() + b"\xe9\n", "refunds.csv:3: byte 0xe9 is not UTF-8"),
        (HEADER.encode("utf-16"), "is in UTF-16"),
        (f'{HEADER}\nE-1,"5,XMR,{ADDRESS}\n', "refunds.csv:2: row: is broken"),
        (f'{HEADER}\nE-1,"5"0,XMR,{ADDRESS}\n', "refunds.csv:2: row: is broken"),
        (f"{HEADER}\n{row('E-1', more=',x')}\n", "refunds.csv:2: row: has 5 cells, the header has 4"),
        (f"{HEADER}\nE\x1b-1,5,XMR,{ADDRESS}\n", "holds a control or invisible character"),
    ],
)
def test_a_file_that_cannot_be_read_as_it_was_meant_is_bad_input(line: Line, text: str | bytes, words: str) -> None:
    said = take(line, text)

    assert said.code == 2
    assert words in said.err
    assert "\x1b" not in said.err
    assert count(line) == 0


def test_a_file_that_is_not_there_is_bad_input(line: Line) -> None:
    said = line("refunds", "import", str(line.folder / "none.csv"))

    assert said.code == 2
    assert "No such file" in said.err


def test_the_summary_for_a_program_names_lines_and_problems(line: Line) -> None:
    said = take(line, "\n".join([HEADER, row("E-1"), row("E-2", "x")]), "--json")

    assert said.json["new"] == 0
    assert [each["line"] for each in said.json["problems"]] == [3]


def test_nobody_can_break_the_terminal_with_a_reason(line: Line) -> None:
    take(line, f"{HEADER},reason\n{row('E-1', more=',plain')}")
    said = line("refunds", "hold", "E-1", "--why", "a\x1b[2Jb\u202ec")

    assert "\x1b" not in said.out
    assert "\u202e" not in line("refunds", "list").out
