"""What a table says less well: lines of measurements, as SVG."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pygal

Points = Sequence[tuple[float, float]]


def lines(file: Path, title: str, x: str, y: str, series: Mapping[str, Points], *, logarithmic: bool = False) -> None:
    """A line for each series, its points marked."""
    chart = pygal.XY(
        title=title,
        x_title=x,
        y_title=y,
        xrange=None,
        legend_at_bottom=True,
        logarithmic=logarithmic,
        show_x_guides=True,
        js=[],  # pygal's own would come from another host
    )
    for name, points in series.items():
        chart.add(name, list(points))
    file.parent.mkdir(parents=True, exist_ok=True)
    chart.render_to_file(str(file))
