"""What a table says less well: lines of measurements, as SVG."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import leather  # type: ignore[import-untyped]  # it ships no types

Points = Sequence[tuple[float, float]]


def lines(file: Path, title: str, x: str, y: str, series: Mapping[str, Points]) -> None:
    """A line for each series. Both axes begin at nought."""
    chart = leather.Chart(f"{title}: {y}")  # it has no room for the y axis' own name
    for name, points in series.items():
        chart.add_line(list(points), name=name)
    chart.add_x_axis(name=x)
    chart.add_x_scale(0, max(point[0] for points in series.values() for point in points))
    chart.add_y_scale(0, max(point[1] for points in series.values() for point in points))
    file.parent.mkdir(parents=True, exist_ok=True)
    chart.to_svg(str(file))
