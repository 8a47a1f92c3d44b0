"""Plots for the report: small functions that return SVG as text, with no library and the same bytes every time.

Colours come from CSS classes of the page (`series-0` …), so that light and dark readers are both served.
"""

import html
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

WIDTH = 720
ROW = 26
LEAST_LABEL, MOST_LABEL = 90, 250
LETTER = 6.8
"""Width of a letter of the labels, in units of the drawing; a wide one."""


class Part(NamedTuple):
    """One piece of a stacked bar."""

    label: str
    value: float
    series: int


def label_width(names: Iterable[str]) -> int:
    """Room for the labels on the left of bars."""
    longest = max((len(name) for name in names), default=0)
    return round(min(MOST_LABEL, max(LEAST_LABEL, longest * LETTER + 16)))


def side_label(y: float, name: str, room: int) -> str:
    """A bar's name, cut where it does not fit; the whole of it is told when it is pointed at."""
    letters = int((room - 16) / LETTER)
    shown = name if len(name) <= letters else name[: letters - 1] + "…"
    return text(room - 8, y, shown, "end", whole=name if shown != name else "")


def number(value: float) -> str:
    """A count as people write it."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.3g}"


def stacked_bars(rows: Mapping[str, Sequence[Part]], unit: str) -> str:
    """Horizontal bars, one a row, each as wide as its share of its own total; parts carry their count."""
    height = ROW * len(rows) + 8
    left = label_width(rows)
    pieces = [svg_open(height, f"{unit} by what became of them")]
    for position, (name, parts) in enumerate(rows.items()):
        y = position * ROW + 4
        total = sum(part.value for part in parts)
        pieces.append(side_label(y + 15, name, left))
        x = float(left)
        room = WIDTH - left - 90
        for part in parts:
            if part.value <= 0 or total <= 0:
                continue
            width = room * part.value / total
            title = f"{name}: {part.label} {number(part.value)} of {number(total)} ({part.value / total:.1%})"
            pieces.append(bar(x, y, width, ROW - 8, part.series, title))
            if width > LETTER * len(number(part.value)) + 12:
                pieces.append(text(x + 6, y + 14, number(part.value), "start", "on-bar"))
            x += width
        pieces.append(text(WIDTH - 84, y + 15, f"{number(total)}", "start", "faint"))
    pieces.append("</svg>")
    return "".join(pieces)


def bars(rows: Sequence[tuple[str, float]], unit: str, series: int = 0) -> str:
    """Horizontal bars on one linear scale from zero."""
    height = ROW * len(rows) + 8
    most = max((value for _, value in rows), default=0) or 1
    left = label_width(name for name, _ in rows)
    pieces = [svg_open(height, unit)]
    for position, (name, value) in enumerate(rows):
        y = position * ROW + 4
        width = (WIDTH - left - 120) * value / most
        pieces.append(side_label(y + 15, name, left))
        pieces.append(bar(left, y, width, ROW - 8, series, f"{name}: {number(value)} {unit}"))
        pieces.append(text(left + width + 6, y + 15, number(value), "start", "faint"))
    pieces.append("</svg>")
    return "".join(pieces)


def histogram(
    edges: Sequence[float],
    counts: Mapping[str, Sequence[int]],
    axis: str,
    marks: Sequence[float] = (),
    log: bool = False,
) -> str:
    """A histogram with one stacked series a source; `edges` has one more number than each series.

    `marks` are vertical lines (thresholds), in the axis's own terms. With `log` the edges and marks are exponents of
    ten and the axis is labelled with the numbers themselves.
    """
    height, base, top = 210, 176, 12
    left, right = 56, WIDTH - 28
    bins = len(edges) - 1
    totals = [sum(series[index] for series in counts.values()) for index in range(bins)]
    most = max(totals, default=0) or 1
    step = (right - left) / bins
    pieces = [svg_open(height, f"distribution of {axis}")]
    for count in sorted({most, most // 2} - {0}):
        y = base - (base - top) * count / most
        pieces.append(f'<line class="grid" x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        pieces.append(text(left - 6, y + 4, number(count), "end", "faint"))
    for index in range(bins):
        y = float(base)
        for position, (name, series) in enumerate(counts.items()):
            tall = (base - top) * series[index] / most
            y -= tall
            if series[index]:
                low, high = label(edges[index], log), label(edges[index + 1], log)
                title = f"{name}: {number(series[index])} from {low} to {high}"
                pieces.append(bar(left + index * step + 0.5, y, max(step - 1, 0.5), tall, position, title))
    pieces.append(f'<line class="axis" x1="{left}" x2="{right}" y1="{base}" y2="{base}"/>')
    for value in ticks(edges[0], edges[-1], log):
        x = left + (right - left) * (value - edges[0]) / (edges[-1] - edges[0])
        pieces.append(f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="{base}" y2="{base + 4}"/>')
        pieces.append(text(x, base + 16, label(value, log), "middle", "faint"))
    for mark in marks:
        if edges[0] <= mark <= edges[-1]:
            x = left + (right - left) * (mark - edges[0]) / (edges[-1] - edges[0])
            pieces.append(f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{base}"/>')
            anchor, gap = ("start", 4) if x < right - 60 else ("end", -4)
            pieces.append(text(x + gap, top + 10, label(mark, log), anchor, "marked"))
    pieces.append(text((left + right) / 2, height - 4, axis, "middle"))
    pieces.append("</svg>")
    return "".join(pieces)


def lines(
    series: Mapping[str, Sequence[tuple[float, float]]], across: str, upwards: str, *, names: bool = False
) -> str:
    """Curves on linear axes, one a series, of points (x, y); `names`: with the colours' meaning inside the drawing."""
    height, base, top = 240, 196, 12
    left, right = 56, WIDTH - (170 if names else 28)
    points = [point for one in series.values() for point in one] or [(0.0, 0.0)]
    xs = even_edges(min(x for x, _ in points), max(x for x, _ in points), 1)
    ys = even_edges(min(y for _, y in points), max(y for _, y in points), 1)
    pieces = [svg_open(height, f"{upwards} by {across}")]

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            left + (right - left) * (x - xs[0]) / (xs[-1] - xs[0]),
            base - (base - top) * (y - ys[0]) / (ys[-1] - ys[0]),
        )

    for value in ticks(ys[0], ys[-1]):
        y = place(xs[0], value)[1]
        pieces.append(f'<line class="grid" x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        pieces.append(text(left - 6, y + 4, label(value, False), "end", "faint"))
    pieces.append(f'<line class="axis" x1="{left}" x2="{right}" y1="{base}" y2="{base}"/>')
    for value in ticks(xs[0], xs[-1]):
        pieces.append(text(place(value, ys[0])[0], base + 16, label(value, False), "middle", "faint"))
    for position, (name, one) in enumerate(series.items()):
        marks = [(*place(x, y), f"{name}: {number(y)} {upwards} at {number(x)} {across}") for x, y in one]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in marks)
        pieces.append(f'<polyline class="series-{position % 8}" points="{path}"/>')
        for x, y, title in marks:
            pieces.append(
                f'<circle class="series-{position % 8}" cx="{x:.1f}" cy="{y:.1f}" r="3">'
                f"<title>{html.escape(title)}</title></circle>"
            )
        if names:
            pieces.append(bar(right + 16, top + 20 * position, 11, 11, position, name))
            letters = int((WIDTH - right - 34) / LETTER)
            shown = name if len(name) <= letters else name[: letters - 1] + "…"
            pieces.append(text(right + 33, top + 20 * position + 10, shown, "start"))
    pieces.append(text((left + right) / 2, height - 6, f"{across}; upwards: {upwards}", "middle", "faint"))
    pieces.append("</svg>")
    return "".join(pieces)


def ticks(low: float, high: float, log: bool = False) -> list[float]:
    """Round numbers between two ends for an axis, about five to eight; powers of ten where the axis is logarithmic."""
    span = high - low
    if log and span >= 2:
        return [float(power) for power in range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)]
    rough = 10.0 ** math.floor(math.log10(span / 5))
    step = next(rough * factor for factor in (1, 2, 5, 10) if span / (rough * factor) <= 8)
    first = math.ceil(low / step - 1e-9)
    return [index * step for index in range(first, math.floor(high / step + 1e-9) + 1)]


def label(value: float, log: bool) -> str:
    """An edge's label."""
    size = 10**value if log else value
    for limit, suffix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(size) >= limit:
            return f"{size / limit:.3g}{suffix}"
    return f"{size:.3g}"


def even_edges(low: float, high: float, bins: int) -> list[float]:
    """Edges of equal bins. A single value gets a range around it."""
    if not math.isfinite(low) or not math.isfinite(high) or high <= low:
        low, high = (low - 0.5, low + 0.5) if math.isfinite(low) else (0.0, 1.0)
    return [*(low + (high - low) * index / bins for index in range(bins)), high]


def svg_open(height: int, description: str) -> str:
    """The opening tag, with a description for readers that do not see."""
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{html.escape(description)}">'


def bar(x: float, y: float, width: float, height: float, series: int, title: str) -> str:
    """A rectangle that says its number when pointed at."""
    return (
        f'<rect class="series-{series % 8}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="2">'
        f"<title>{html.escape(title)}</title></rect>"
    )


def text(x: float, y: float, content: str, anchor: str, style: str = "label", whole: str = "") -> str:
    """A label; `whole` is what it says when pointed at, where it had to be cut."""
    title = f"<title>{html.escape(whole)}</title>" if whole else ""
    shown = html.escape(content)
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{shown}{title}</text>'


def legend(names: Sequence[str], present: Collection[str] | None = None) -> str:
    """The colours' meaning, by place in `names`; only of those that are `present`, if that is told."""
    items = "".join(
        f'<span><i class="series-{index % 8}"></i>{html.escape(name)}</span>'
        for index, name in enumerate(names)
        if present is None or name in present
    )
    return f'<div class="legend">{items}</div>'
