"""A primary and its synchronous standby: what was acknowledged survives the primary's death."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.postgres.cluster import Cluster
from tests.postgres.workspace import eventually, workspace


@dataclass(frozen=True)
class Pair:
    """Two servers whose ports never change: kill and promote while a client holds `url()`."""

    primary: Cluster
    standby: Cluster

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        """Both hosts, of which a client takes the one that accepts writes (libpq's form, which asyncpg reads too)."""
        hosts = f"127.0.0.1:{self.primary.port},127.0.0.1:{self.standby.port}"
        return f"postgresql://{user}@{hosts}/{database}?target_session_attrs=read-write"

    def in_sync(self) -> bool:
        return bool(self.primary.execute("SELECT sync_state FROM pg_stat_replication") == "sync")

    def promote(self) -> None:
        """Make the standby accept writes; return once it does."""
        if not self.standby.execute("SELECT pg_promote(true, 60)"):
            raise RuntimeError(f"the standby was not promoted:\n{self.standby.log_tail()}")


@contextmanager
def synchronous_pair(*, fsync: bool = False) -> Iterator[Pair]:
    """A primary that acknowledges a commit only once its standby has it, in sync from the first statement on."""
    with workspace() as room:
        pair = Pair(Cluster(room, "primary"), Cluster(room, "standby"))
        try:
            pair.primary.initialise(fsync=fsync)
            pair.primary.start()
            _clone(pair)
            pair.standby.start()
            # Only now: a clone that inherited this would, once promoted, wait for a standby of its own.
            pair.primary.execute("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
            pair.primary.execute("SELECT pg_reload_conf()")
            eventually(pair.in_sync, what="the standby is synchronous")
            yield pair
        finally:
            pair.primary.abort()
            pair.standby.abort()


def _clone(pair: Pair) -> None:
    source = f"host=127.0.0.1 port={pair.primary.port} user=postgres application_name=standby"
    pair.primary.room.run(
        *("pg_basebackup", "-d", source, "-D", pair.standby.data, "--write-recovery-conf"),
        *("--create-slot", "--slot=standby", "--checkpoint=fast", "--no-sync"),
    )
