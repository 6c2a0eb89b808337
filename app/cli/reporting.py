"""How long work is told of: a bar on a terminal, a plain line now and then elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

# Seconds between two lines.
PAUSE = 5.0

Tell = Callable[[int], None]


class Rate(ProgressColumn):
    """Rows a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f} rows/s" if speed else "")


@contextmanager
def looking(name: str) -> Iterator[None]:
    """Tell a terminal that a file is looked through; there is no counting of what nobody has counted yet."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(f"Looking through {escape(name)}"):
        yield


@contextmanager
def reporting(what: str, total: int, begun: int = 0) -> Iterator[Tell]:
    """Tell of each step by the rows done so far, on standard error. `begun` were done by an earlier run."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Lines(total, begun).tell
        return
    counted = TextColumn("{task.completed:,.0f} of {task.total:,.0f}")
    left = (TimeRemainingColumn(), TextColumn("left"))
    with Progress(TextColumn(what), BarColumn(), counted, Rate(), *left, console=console) as bar:
        task = bar.add_task(what, total=total, completed=begun)
        yield lambda done: bar.update(task, completed=done)


class Lines:
    """What a log can hold: no control characters, and not too many of them."""

    def __init__(self, total: int, begun: int) -> None:
        self.total, self.begun = total, begun
        self.start = self.told = time.monotonic()

    def tell(self, done: int) -> None:
        now = time.monotonic()
        if now - self.told < PAUSE:
            return
        self.told = now
        rate = (done - self.begun) / (now - self.start)
        left = f", {(self.total - done) / rate:,.0f} s left" if rate else ""
        typer.echo(f"{done:,} of {self.total:,} rows, {rate:,.0f} rows/s{left}", err=True)
