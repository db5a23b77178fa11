"""What a terminal shows: aligned, cut where it is narrow, coloured only where that is wanted, and harmless."""

from __future__ import annotations

import io

import pytest

from adapters.show import Column, Screen, cell_width, cut, safe

COLUMNS = (Column(title="name", give=True), Column(title="usd", right=True), Column(title="note", give=True))
ROWS = [("a", "5.00", None), ("b-long", "125.50", "a remark that is rather long")]


def screen(*, colour: bool = False, width: int | None = None) -> tuple[Screen, io.StringIO]:
    out = io.StringIO()
    return Screen(out=out, err=io.StringIO(), colour=colour, width=width), out


def test_columns_are_aligned_under_their_titles() -> None:
    shown, out = screen()

    shown.table(COLUMNS, ROWS)

    assert out.getvalue() == ("name       usd  note\na         5.00\nb-long  125.50  a remark that is rather long\n")


def test_a_column_that_is_empty_throughout_is_left_out() -> None:
    shown, out = screen()

    shown.table(COLUMNS, [("a", "1.00", None), ("b", "2.00", "")])

    assert "note" not in out.getvalue()


@pytest.mark.parametrize("width", [24, 30, 36])
def test_a_narrow_terminal_cuts_what_gives_and_never_a_number(width: int) -> None:
    shown, out = screen(width=width)

    shown.table(COLUMNS, ROWS)

    lines = out.getvalue().splitlines()
    assert all(len(line) <= max(width, 26) for line in lines)
    assert "125.50" in lines[2]
    assert "…" in lines[2]


WHOLE = (Column(title="when"), Column(title="what", whole=True))


def test_what_must_be_read_whole_goes_on_under_its_own_title() -> None:
    shown, out = screen(width=40)

    shown.table(WHOLE, [("12:00", "a story that is longer than the terminal is wide")])

    assert out.getvalue() == "when   what\n12:00  a story that is longer than the\n       terminal is wide\n"


def test_what_must_be_read_whole_goes_below_its_row_where_the_others_leave_no_room() -> None:
    shown, out = screen(width=34)

    shown.table(WHOLE, [("2026-11-22", "a story that is rather long"), ("2026-11-23", None)])

    assert out.getvalue() == "when\n2026-11-22\n    a story that is rather long\n2026-11-23\n"


def test_a_narrow_terminal_leaves_out_what_is_spare_the_last_first_and_only_as_much_as_it_must() -> None:
    columns = (Column(title="no", spare=True), Column(title="refund"), Column(title="asked", spare=True))

    seen = []
    for width in (20, 15, 8):
        shown, out = screen(width=width)
        shown.table(columns, [("1", "order-17", "12:00")])
        seen.append(out.getvalue().splitlines()[1])

    assert seen == ["1   order-17  12:00", "1   order-17", "order-17"]


def test_piped_output_has_neither_colour_nor_cuts() -> None:
    out = io.StringIO()
    shown = Screen(out=out)

    shown.title("Refunds")
    shown.table((Column(title="x" * 300, give=True),), [("PAID",)])

    assert "\x1b" not in out.getvalue()
    assert "x" * 300 in out.getvalue()


def test_colour_does_not_disturb_the_alignment() -> None:
    shown, out = screen(colour=True)

    shown.table((Column(title="status"), Column(title="n")), [("PAID", "1"), ("REQUESTED", "2")])

    assert "\x1b[32mPAID\x1b[0m       1" in out.getvalue()


def test_nothing_from_outside_can_move_the_cursor_or_turn_text_around() -> None:
    assert safe("a\x1b[2Jb\u202ec\rd") == "a\\x1b[2Jb\\x202ec\\x0dd"
    shown, out = screen()
    shown.table((Column(title="t"), Column(title="u")), [("two\nlines", "x")])
    assert len(out.getvalue().splitlines()) == 2


def test_nothing_from_outside_passes_for_a_line_of_ours() -> None:
    shown, out = screen()
    shown.title("E-1  HELD\nE-2  PAID")
    shown.facts([("reason", "asked\nfingerprint  90b1"), ("fingerprint", "17af")])
    shown.line("approved by alice\nfingerprint  90b1")
    assert [line.split()[0] for line in out.getvalue().splitlines()] == ["E-1", "reason", "fingerprint", "approved"]


def test_wide_characters_take_two_columns() -> None:
    assert cell_width("日本") == 4
    assert cut("日本語", 5) == "日本…"
    assert cut("plain", 5) == "plain"


def test_progress_hands_on_every_item_where_nobody_watches() -> None:
    shown, out = screen()

    with shown.progress("counting", list(range(2000))) as items:
        assert sum(items) == sum(range(2000))
    assert out.getvalue() == ""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_on_a_terminal_shows_a_bar_and_hands_on_every_item() -> None:
    err = Terminal()
    shown = Screen(out=io.StringIO(), err=err)

    with shown.progress("counting", list(range(2000))) as items:
        assert sum(items) == sum(range(2000))

    assert "counting" in err.getvalue()
