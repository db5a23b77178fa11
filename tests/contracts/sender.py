"""What every Sender promises about an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from payout.ports.webhooks import Answer


class SenderContract:
    """A subclass says what comes of a POST to somebody who answers with a status."""

    def answer_of(self, status: int) -> Answer:
        raise NotImplementedError

    @pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
    def test_a_message_is_taken_by_any_status_of_success(self, status: int) -> None:
        answer = self.answer_of(status)
        assert (answer.taken, answer.gone, answer.status) == (True, False, status)

    @pytest.mark.parametrize("status", [300, 301, 302, 304, 400, 401, 403, 404, 429, 500, 502, 503])
    def test_any_other_status_is_a_failure_and_an_answer_all_the_same(self, status: int) -> None:
        answer = self.answer_of(status)
        assert (answer.taken, answer.gone, answer.status) == (False, False, status)
        assert str(status) in answer.words

    def test_gone_is_told_apart(self) -> None:
        answer = self.answer_of(410)
        assert (answer.taken, answer.gone) == (False, True)
