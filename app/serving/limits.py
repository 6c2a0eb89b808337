"""How much of a connection one client may use."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes are in bytes, times in seconds; `connections` are those of one process."""

    connections: int = 1000
    url: int = 8192
    header: int = 16_384
    header_fields: int = 100
    header_timeout: float = 10.0
    body_timeout: float = 30.0
    answer_timeout: float = 60.0

    @property
    def head(self) -> int:
        """What a request line and a header section can come to at most."""
        return self.url + self.header + 64
