"""Every way in which a call ends without an answer.

Their words are fit for whoever gave the address: they name no address that it led to, and nothing of the URL.
"""

from typing import ClassVar


class OutboundError(Exception):
    """There is no answer. `may_retry` tells whether the same call may end otherwise at another time."""

    may_retry: ClassVar[bool]


class Forbidden(OutboundError):
    """Nothing was sent, by a rule of this side's: so it is the next time, unless the call is another."""

    may_retry = False


class BadURL(Forbidden):
    """The URL is none that is called."""


class NotPublic(Forbidden):
    """The host is, or its name leads to, an address that is not public."""


class BadHeaders(Forbidden):
    """A header can't be sent, or is not the caller's to set."""


class Unanswered(OutboundError):
    """The other end's, or the network's. Unless it is said otherwise, the request may have arrived."""

    may_retry = True


class Unresolved(Unanswered):
    """The name has no address now. Nothing was sent."""


class Unreachable(Unanswered):
    """No connection came about. Nothing was sent."""


class Untrusted(Unanswered):
    """TLS was not agreed on: most often the certificate is not valid for the name. Nothing was sent."""


class TimedOut(Unanswered):
    """It took too long."""


class Broken(Unanswered):
    """The connection was lost, or what came was not HTTP."""
