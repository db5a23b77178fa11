"""`payout console`: serves the API, and receives the webhooks of processors."""

from __future__ import annotations

from config.call import DONE, Call
from config.parser import Commands

_ABOUT = """\
Serve the API for the merchant's programs (/api/v1), and receive webhooks of processors, until stopped.

The API takes keys that `payout api-keys add` makes; none of them can approve a refund. Put a reverse proxy with TLS
before [console] listen, name it in [console] trusted_proxies, and put its address into [console] public_url: with
that, orders name it where a processor takes one. The daemon works as well without any of this.
"""
_EXAMPLES = """\
  payout console
  payout console --urls                     the addresses, for a processor that wants them typed in
  curl http://127.0.0.1:8710/api/v1/openapi.json
"""


def add(commands: Commands) -> None:
    parser = commands.add("console", run, about=_ABOUT, examples=_EXAMPLES)
    parser.add_argument("--urls", action="store_true", help="only print each processor's address, which is a secret")


def run(call: Call) -> int:
    house, given = call.house, call.settings.console
    hooks = house.swaps.hooks
    if call.args.urls:
        public = given.public_url or f"http://{given.host}:{given.port}"
        urls = {each.name: hooks.url(public, each.name) for each in call.settings.processors}
        if call.json:
            call.print_json(urls)
        else:
            call.screen.facts(urls.items())
        return DONE
    from adapters import logs
    from adapters.console.api import PREFIX, api_app
    from adapters.console.hooks import hook_app
    from adapters.console.serve import listen, serve, under
    from config.api_parts import api_parts

    hooked = hook_app(house.swaps.processors, hooks.fits, house.store, house.clock)
    app = under(PREFIX, api_app(api_parts(house)), hooked)
    with listen(given.host, given.port) as listening:
        logs.set_up(call.settings.logs.level, call.settings.logs.form)
        call.screen.line(f"serving http://{given.host}:{given.port}{PREFIX}, and receiving webhooks of processors")
        call.screen.out.flush()
        serve(app, listening, given.trusted_proxies)
    return DONE
