"""Measuring ours against a physical floor in the same run: alternating rounds, medians, a ratio."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: medians in `unit`, and ours / floor. `target` is what the design asks for, in words."""

    name: str
    ours: float
    floor: float
    unit: str
    floor_is: str
    target: str

    @property
    def ratio(self) -> float:
        return self.ours / self.floor

    def as_json(self) -> dict[str, str | float]:
        return {
            "name": self.name,
            "ours": round(self.ours, 4),
            "floor": round(self.floor, 4),
            "ratio": round(self.ratio, 3),
            "unit": self.unit,
        }


_SCALE = {"us": 1e6, "ms": 1e3, "s": 1.0}


def compare(
    name: str,
    ours: Callable[[], object],
    floor: Callable[[], object],
    *,
    unit: str,
    floor_is: str,
    target: str,
    rounds: int,
    calls: int = 1,
) -> Row:
    """Run both in turn, `rounds` times `calls` calls each after a warm-up, and take the median of each."""
    ours()
    floor()
    times: tuple[list[float], list[float]] = ([], [])
    gc.disable()
    try:
        for _ in range(rounds):
            for action, kept in zip((ours, floor), times, strict=True):
                started = time.perf_counter()
                for _call in range(calls):
                    action()
                kept.append((time.perf_counter() - started) / calls)
    finally:
        gc.enable()
    scale = _SCALE[unit]
    return Row(name, median(times[0]) * scale, median(times[1]) * scale, unit, floor_is, target)


def table(rows: list[Row]) -> str:
    """The rows as aligned text."""
    lines = [("what", "ours", "floor", "ratio", "floor is", "target")]
    lines += [
        (
            row.name,
            f"{row.ours:.2f} {row.unit}",
            f"{row.floor:.2f} {row.unit}",
            f"{row.ratio:.2f}",
            row.floor_is,
            row.target,
        )
        for row in rows
    ]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
