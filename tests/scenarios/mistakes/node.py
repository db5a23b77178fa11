"""Mistakes in what is asked of a Monero wallet and its node, and in what is believed of their answers."""

from __future__ import annotations

from tests.scenarios.mistakes.mistake import mistake

CALLS = "adapters/coins/monero/calls.py"
COIN = "adapters/coins/monero/coin.py"
DAEMON = "adapters/coins/monero/daemon.py"
ADDRESSES = "adapters/coins/monero/address.py"
OWN_ADDRESSES = "adapters/coins/monero/addresses.py"
REQUESTS = "tests/adapters/coins/test_monero_requests.py"
ANSWERS = "tests/adapters/coins/test_monero_answers.py"
LOOKS = "tests/adapters/coins/test_monero_looks.py"
ADDRESS = "tests/adapters/coins/test_monero_address.py"

MISTAKES = (
    mistake("do-not-relay-misspelt", CALLS, '    "do_not_relay": True,\n', '    "do_not_realy": True,\n', REQUESTS),
    mistake("metadata-not-asked-for", CALLS, '    "get_tx_metadata": True,\n', "", REQUESTS),
    mistake(
        "give-up-not-held-back",
        CALLS,
        '        "key_image": key_image,\n        "account_index": account_index,\n'
        '        "priority": priority,\n        **HELD_BACK,\n',
        '        "key_image": key_image,\n        "account_index": account_index,\n        "priority": priority,\n',
        REQUESTS,
    ),
    mistake("raw-bytes-not-relayed", CALLS, '"do_not_relay": False}', '"do_not_relay": True}', REQUESTS),
    mistake("transfer-split-used", CALLS, 'Call(name="transfer",', 'Call(name="transfer_split",', REQUESTS),
    mistake(
        "spend-at-its-height-not-listed",
        CALLS,
        '"min_height": since_height - 1}',
        '"min_height": since_height}',
        REQUESTS,
    ),
    mistake(
        "other-amount-signed", "adapters/coins/monero/answers.py", "    if paid != asked:\n", "    if False:\n", ANSWERS
    ),
    mistake(
        "sent-too-early-unnoticed-by-the-daemon",
        COIN,
        "        if self._daemon.has(prepared.txid) or self._lists(",
        "        if self._lists(",
        ANSWERS,
    ),
    mistake("sent-too-early-unnoticed-by-the-wallet", COIN, " or self._lists(prepared.txid):\n", ":\n", ANSWERS),
    mistake(
        "give-up-of-another-output-taken",
        COIN,
        "        if prepared.key_images != (key_image,):\n",
        "        if False:\n",
        ANSWERS,
    ),
    mistake(
        "name-instead-of-an-address-paid",
        COIN,
        "        if not is_plain(output.address):\n",
        "        if False:\n",
        ANSWERS,
    ),
    mistake("sixteen-destinations-sent", COIN, "OUTPUTS_MAX: Final = 15\n", "OUTPUTS_MAX: Final = 16\n", REQUESTS),
    mistake(
        "integrated-address-not-known",
        COIN,
        "        return len(address) == LENGTH_INTEGRATED\n",
        "        return False\n",
        ADDRESS,
    ),
    mistake(
        "own-integrated-address-not-known",
        OWN_ADDRESSES,
        "        return base_address(address) in self._own\n",
        "        return address in self._own\n",
        ADDRESS,
    ),
    mistake(
        "failed-spend-listed",
        COIN,
        'answers.listed(answer, "pending")]',
        'answers.listed(answer, "pending") + answers.listed(answer, "failed")]',
        ANSWERS,
    ),
    mistake("frozen-output-counted", COIN, 'output.get("frozen") is not True and ', "", ANSWERS),
    mistake(
        "look-at-a-moving-chain-taken", DAEMON, "            if after == before:\n", "            if True:\n", LOOKS
    ),
    mistake(
        "its-own-rival", DAEMON, "        entries |= self._transactions(\n", "        self._transactions(\n", LOOKS
    ),
    mistake("shorter-chain-believed", DAEMON, "        if tip < longest - BEHIND_MAX:\n", "        if False:\n", LOOKS),
    mistake(
        "silence-taken-for-missing",
        DAEMON,
        "                elif txid not in missed:\n",
        "                elif False:\n",
        LOOKS,
    ),
    mistake(
        "bootstrap-node-believed", DAEMON, '        if answer.get("untrusted") is True:\n', "        if False:\n", LOOKS
    ),
    mistake("busy-daemon-refuses", DAEMON, "        if not flags:\n            return None\n", "", LOOKS),
    mistake(
        "checksum-not-checked",
        ADDRESSES,
        "        if keccak_256(body).digest()[:_CHECKSUM_BYTES] == checksum:\n",
        "        if checksum:\n",
        ADDRESS,
    ),
    mistake(
        "other-networks-address-taken",
        ADDRESSES,
        "    if found != wanted:\n",
        "    if False:\n",
        ADDRESS,
    ),
)
