# SPDX-License-Identifier: ISC
"""What is compared, and what of it is told to whom.  All notice within the same time, where they notice at all."""

import collections

import ruthere
from ruthere import TUNNEL

DETECT = 9  # seconds: what each is to notice within
LOSS = 20  # percent, each way

OFF = {"mode": '"off"'}
# What the plan makes of it: asks after 4.5 s of silence, then sixteen times.
R_U_THERE = {"mode": '"periodic"', "detect": '"%ds"' % DETECT, "loss": '"%d%%"' % LOSS}
PING = {"mode": '"ping"'}
# strongSwan's own, where it alone can notice: every three seconds, and it calls anew.
STRONGSWAN = {"dpd_delay": 3, "dpd_timeout": DETECT}


def ping_settings(misses):
    """Given up after misses + 1 intervals at the latest."""
    return {"ping-interval": '"%dms"' % round(1000 * DETECT / (misses + 1)), "ping-misses": '"%d"' % misses}


FEW, MANY = ping_settings(3), ping_settings(14)
PLAIN = dict(FEW, **{"ping-when": '"always"'})

# keepalive: the section.  ping: fields of the tunnel, or None.  unknown: ESP that we do not know makes us call.  say: INVALID-SPI.
Method = collections.namedtuple("Method", "name title keepalive ping unknown say settings")

METHODS = [
    Method("none", "none", OFF, None, False, False, "nobody asks"),
    Method("r-u-there", "R-U-THERE only", R_U_THERE, None, False, False,
           "after 4.5 s of silence, then 16 times within 4.5 s"),
    Method("ping", "in-tunnel ping only", PING, PLAIN, False, False, "every 2.25 s, whatever else comes; given up after 3"),
    Method("ping-dense", "in-tunnel ping only, dense", PING, MANY, False, False, "every 0.6 s of silence, given up after 14"),
    Method("both", "both", R_U_THERE, FEW, False, False, "R-U-THERE, and every 2.25 s of silence a ping, given up after 3"),
    Method("all", "both, and unknown-SPI recovery", R_U_THERE, FEW, True, False, "all of it, as one would have it"),
    Method("unknown-spi", "unknown-SPI recovery only", OFF, None, True, False, "nobody asks; whoever receives ESP without an SA calls"),
    Method("hint", "R-U-THERE with INVALID-SPI", R_U_THERE, None, False, True,
           "as R-U-THERE; whoever receives ESP without an SA says so, unprotected"),
]


def literal(condition):
    return "true" if condition else "false"


def settings(method, inner, other_inner, calls, far=False):
    """
    For ruthere.Ruthere: node, keepalive, tunnel and recovery.  calls: at its start; otherwise it waits.  far: it is the other end.
    """
    tunnel = dict(TUNNEL, local=TUNNEL["remote"], remote=TUNNEL["local"]) if far else dict(TUNNEL)
    if method.ping:
        tunnel.update(method.ping, ping='"%s"' % other_inner, **{"ping-from": '"%s"' % inner})
    own = dict(ruthere.USERSPACE, **{"tun-addresses": '{"%s/32"}' % inner, "say-invalid-spi": literal(method.say)})
    if not method.unknown and not method.say:
        own["limits"] = {"unknown-spis-per-second": '"0"'}
    recovery = {"connect-at-start": literal(calls), "attempt-timeout": '"4s"',
                "attempts": '"1"', "backoff-first": '"1s"', "backoff-most": '"2s"'}
    return {"own": own, "keepalive": method.keepalive, "tunnel": tunnel, "recovery": recovery, "capture": False}


def expected_verdicts(method, seconds, plan):
    """How often a living peer is given up in this time, by the formulas: of `plan` (our event of that name), and of the ping."""
    rate = 0.0
    if method.keepalive is R_U_THERE:
        rate += plan["false_deaths_a_year"] / (365.25 * 86400)
    if method.ping:
        interval, misses = float(method.ping["ping-interval"].strip('"ms')) / 1000, int(method.ping["ping-misses"].strip('"'))
        q = 1 - (1 - LOSS / 100) ** 2
        rate += 1 / (0.95 * interval * (1 - q ** misses) / ((1 - q) * q ** misses))  # ../../keepalive/tunnel_ping.c
    return rate * seconds
