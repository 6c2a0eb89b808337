"""How strangers get in: with a good credential, and when not too many have failed where they come from."""

from app.identity.actor import Actor
from app.identity.callers import Callers
from app.rates.limiting import Rates


async def admitted(credential: str, address: str | None, callers: Callers, rates: Rates) -> Actor | None:
    """Whom the credential stands for, and None for nobody. Raises Refused when there is no telling.

    After too many failures at one address no more credentials are looked at from there, but for keys that were good.
    """
    if address is not None and not callers.met(credential):
        await rates.hold(address)
    actor = await callers.find(credential)
    if actor is None and address is not None:
        await rates.failed(address)
    return actor
