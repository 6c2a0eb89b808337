"""What operators are told: logs, metrics and traces, none of which holds a personal value or a secret."""

from app.observing.ports import OnItsOwnPort
from app.observing.requests import Observation, Observed, Observer, observation_of
from app.observing.telemetry import Telemetry

__all__ = ["Observation", "Observed", "Observer", "OnItsOwnPort", "Telemetry", "observation_of"]
