"""
What every rate source promises, run against the sandbox's server of its real protocol.

Subclass it with the class of the source; each fault below is one that the real services show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from adapters.http import HttpClient, Timeouts
from adapters.rates import RateSource, retry_after
from config.assets import load_assets
from deploy.sandbox.rate_server import RateServer
from payout.clock import Clock
from payout.errors import RateError, SourceFailed
from payout.quote import Quote, QuoteRules, Sample, combine

TIMEOUTS = Timeouts(connect=1, read=0.4, total=0.8)
