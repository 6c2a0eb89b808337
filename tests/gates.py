"""Transactions that a test holds up, without a lock that others would meet."""

import asyncio
from asyncio import Task, create_task, gather
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from threading import Event

from sqlalchemy import Connection
from sqlalchemy.util import await_only

from app.database import Database


@dataclass(frozen=True, eq=False)
class Gate:
    """A change that stores nothing, and is not done before it is opened."""

    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    _opened: asyncio.Event = field(default_factory=asyncio.Event)
    _opened_for_threads: Event = field(default_factory=Event)
    tenant_id: str = "gates"

    def open(self) -> None:
        self._opened.set()
        self._opened_for_threads.set()

    def apply(self, connection: Connection) -> None:
        self.loop.call_soon_threadsafe(self.reached.set)
        if connection.dialect.name == "sqlite":
            assert self._opened_for_threads.wait(60)
        else:
            await_only(self._opened.wait())

    @staticmethod
    def together(connection: Connection, gates: Sequence["Gate"]) -> Sequence[None]:
        for gate in gates:
            gate.apply(connection)
        return [None] * len(gates)


@asynccontextmanager
async def reader_held(database: Database) -> AsyncIterator[None]:
    """One connection less to read from meanwhile."""
    gate = Gate()
    held = create_task(database.read(gate.apply))
    await gate.reached.wait()
    try:
        yield
    finally:
        gate.open()
        await held


@asynccontextmanager
async def all_lanes_held(database: Database) -> AsyncIterator[None]:
    """Whoever has a change to be committed meanwhile waits in line, unless it reads first on PostgreSQL."""
    gates: list[Gate] = []
    held: list[Task[None]] = []
    try:
        for _ in range(1 if database.is_sqlite else 2):
            gates.append(Gate())
            held.append(create_task(database.write(gates[-1])))
            await gates[-1].reached.wait()
        yield
    finally:
        for gate in gates:
            gate.open()
        await gather(*held)
