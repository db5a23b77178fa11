from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.layout import lay_out
from tests.attacks.siege import Begun, Scene, Siege, Story
from tests.config.line import Line


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """An installation whose daemon has run once."""
    folder = tmp_path_factory.mktemp("ready")
    line = Line(folder)
    lay_out(folder)
    said = line("init")
    assert said.code == 0, said.err
    siege = Siege(folder)
    siege.begin()
    return Scene.of(siege)


@pytest.fixture(scope="session")
def scenes(ready: Scene, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Story], Scene]:
    """What a story leads to; each is told once."""
    told: dict[Story, Scene] = {}

    def after(story: Story) -> Scene:
        if story not in told:
            siege = ready.enter(tmp_path_factory.mktemp("scene"))
            what = story(siege)
            told[story] = Scene.of(siege, what)
        return told[story]

    return after


@pytest.fixture
def begun(scenes: Callable[[Story], Scene], tmp_path: Path) -> Iterator[Begun]:
    """A siege that begins where a story ends, and what the story returned."""
    opened: list[Siege] = []

    def begin(story: Story) -> tuple[Siege, Any]:
        scene = scenes(story)
        opened.append(scene.enter(tmp_path))
        return opened[0], scene.what

    yield begin
    for siege in opened:
        siege.close()


@pytest.fixture
def siege(ready: Scene, tmp_path: Path) -> Iterator[Siege]:
    besieged = ready.enter(tmp_path)
    yield besieged
    besieged.close()
