#!/usr/bin/env python3
"""Draws lookup cost and size against the number of identifiers, from results of bench/scale/run.sh.

    bench/plot.py [--out FILE.svg] [RESULT.json ...]

Without results named: all of bench/results/scale-mix*.json. One line for each mix. Left: one lookup
in memory, octets in to octets out, the median of its rounds with the lowest and the highest. Right:
bytes per identifier.
"""
import argparse
import json
import math
import sys
from pathlib import Path
from xml.sax.saxutils import escape

RESULTS = Path(__file__).resolve().parent / "results"
MIXES = {0: ("mix 0, mixed", "#1b6ca8"), 1: ("mix 1, best", "#2e8b57"),
         2: ("mix 2, bad", "#b03a2e"), 3: ("mix 3, national", "#8e5ea2")}
WIDTH, HEIGHT = 900, 380
PANEL_WIDTH, PANEL_HEIGHT, TOP = 350, 270, 50
LEFTS = (60, 510)


class Axis:
    """From numbers to places, and the numbers that are written beside it."""

    def __init__(self, numbers, start, end, logarithmic):
        self.start, self.end, self.logarithmic = start, end, logarithmic
        if logarithmic:
            self.low = math.floor(math.log10(min(numbers)))
            self.high = max(math.ceil(math.log10(max(numbers))), self.low + 1)
            self.ticks = [10.0 ** power for power in range(self.low, self.high + 1)]
        else:
            step = nice_step(max(numbers) / 5)
            self.low, self.high = 0, step * math.ceil(max(numbers) / step)
            self.ticks = [step * i for i in range(round(self.high / step) + 1)]

    def place(self, number):
        value = math.log10(number) if self.logarithmic else number
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def nice_step(number):
    """The next of 1, 2, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(number))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= number * 0.999)


def number_text(number):
    for size, unit in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if number >= size:
            return f"{number / size:g}{unit}"
    return f"{number:g}"


def text(x, y, content, anchor="middle", more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{escape(content)}</text>'


def line(x1, y1, x2, y2, color):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}"/>'


def series_of(results, value):
    """Mix -> [(identifiers, lowest, figure, highest)], ascending."""
    series = {}
    for result in results:
        spread = value(result)
        if spread:
            series.setdefault(result["mix"], []).append((result["identifiers"], *spread))
    return {mix: sorted(points) for mix, points in sorted(series.items())}


def lookup_of(result):
    spread = result["lookup_in_memory"].get("ns_per_lookup")
    return spread and (spread["min"], spread["median"], spread["max"])


def size_of(result):
    return (result["size"]["bytes_per_identifier"],) * 3


def panel(left, title, series, logarithmic):
    bottom, right = TOP + PANEL_HEIGHT, left + PANEL_WIDTH
    drawn = [text(left + PANEL_WIDTH / 2, TOP - 16, title, more=' font-weight="bold"')]
    if not series:
        return drawn + [text(left + PANEL_WIDTH / 2, TOP + PANEL_HEIGHT / 2, "no results")]
    points = [point for of_mix in series.values() for point in of_mix]
    x = Axis([point[0] for point in points], left, right, True)
    y = Axis([figure for point in points for figure in point[1:]], bottom, TOP, logarithmic)
    for tick in x.ticks:
        drawn += [line(x.place(tick), TOP, x.place(tick), bottom, "#ddd"),
                  text(x.place(tick), bottom + 18, number_text(tick))]
    for tick in y.ticks:
        drawn += [line(left, y.place(tick), right, y.place(tick), "#ddd"),
                  text(left - 8, y.place(tick) + 4, number_text(tick), "end")]
    drawn.append(text(left + PANEL_WIDTH / 2, bottom + 38, "identifiers"))
    for mix, of_mix in series.items():
        drawn += curve(of_mix, x, y, MIXES[mix][1])
    return drawn


def curve(points, x, y, color):
    places = [(x.place(count), y.place(figure)) for count, _, figure, _ in points]
    path = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
    drawn = [f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>']
    for (at, place), (_, low, figure, high) in zip(places, points):
        if low != high:
            drawn.append(line(at, y.place(low), at, y.place(high), color))
        drawn.append(f'<circle cx="{at:.1f}" cy="{place:.1f}" r="3.5" fill="{color}">'
                     f"<title>{figure:g}</title></circle>")
    return drawn


def legend(mixes):
    drawn = []
    for place, mix in enumerate(mixes):
        name, color = MIXES[mix]
        at = LEFTS[0] + 160 * place
        drawn += [f'<circle cx="{at}" cy="{HEIGHT - 8}" r="4" fill="{color}"/>',
                  text(at + 10, HEIGHT - 4, name, "start")]
    return drawn


def drawing(results):
    lookups, sizes = series_of(results, lookup_of), series_of(results, size_of)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
             f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
             *panel(LEFTS[0], "One lookup in memory, ns of CPU", lookups, False),
             *panel(LEFTS[1], "Bytes per identifier", sizes, True),
             *legend(sizes), "</svg>"]
    return "\n".join(parts) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=RESULTS / "scale.svg",
                        help="default: bench/results/scale.svg")
    parser.add_argument("results", nargs="*", type=Path, metavar="RESULT.json")
    options = parser.parse_args()
    files = options.results or sorted(RESULTS.glob("scale-mix*.json"))
    if not files:
        print(f"plot: no results in {RESULTS}", file=sys.stderr)
        return 1
    options.out.write_text(drawing([json.loads(file.read_text()) for file in files]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
