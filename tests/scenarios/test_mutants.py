"""
Each mistake that must never survive is planted and caught, and every patch still fits the code.

`python tests/scenarios/mutants.py --all` tries every mistake; here are those on which the whole design stands.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scenarios.mistakes.mistake import Mistake, Patch, Unusable
from tests.scenarios.mistakes.mistake import mistake as mistake_of
from tests.scenarios.mutants import ALL, HOUSE, REQUIRED, Workshop, workshop

pytestmark = pytest.mark.xdist_group("mutants")


@pytest.fixture(scope="module")
def shop() -> Iterator[Workshop]:
    with workshop() as shop:
        yield shop


@pytest.mark.parametrize("mistake", REQUIRED, ids=lambda mistake: mistake.name)
def test_a_mistake_that_breaks_a_promise_is_caught(shop: Workshop, mistake: Mistake) -> None:
    outcome = shop.try_out(mistake)

    assert outcome.caught_by is not None, f"none of {mistake.tests} notices it"


@pytest.mark.parametrize("mistake", ALL, ids=lambda mistake: mistake.name)
def test_a_patch_still_fits_the_code_and_its_tests_are_there(mistake: Mistake) -> None:
    for patch in mistake.patches:
        assert patch.applied_to((HOUSE / patch.file).read_text()) != patch.old
    for test in mistake.tests:
        file, _, name = test.partition("::")
        source = (HOUSE / file).read_text()
        assert name.partition("::")[0] in source


def test_a_patch_that_no_longer_fits_says_so_and_changes_nothing(shop: Workshop) -> None:
    file = shop.root / "payout" / "money.py"
    before = file.read_text()
    gone = Mistake(name="gone", patches=(Patch(file="payout/money.py", old="no such text", new=""),), tests=())

    with pytest.raises(Unusable, match="no longer applies"):
        shop.try_out(gone)

    assert file.read_text() == before


def test_a_harmless_change_is_told_as_a_survivor_so_the_tests_fail_for_the_mistakes_alone(shop: Workshop) -> None:
    change = ("payout/asset.py", "DECIMALS_MAX: Final = 30\n", "DECIMALS_MAX: Final = 29\n")
    tests = dict.fromkeys(test for mistake in REQUIRED for test in mistake.tests)

    outcome = shop.try_out(mistake_of("harmless", *change, *tests))

    assert outcome.caught_by is None


def test_every_mistake_has_a_name_of_its_own() -> None:
    names = [mistake.name for mistake in ALL]

    assert len(names) == len(set(names))
    assert len(REQUIRED) >= 8
