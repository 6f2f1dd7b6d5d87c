"""Gradient descent from a small start: from saddle to saddle, with the exact flow on top."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from matplotlib.figure import FigureBase

from linae.critical import CriticalClass
from linae.descent import Descent, descend
from linae.exact import Array, is_complex
from linae.flow import gradient_flow
from linae.landscapes.squared import SquaredLoss
from linae.plot.labels import class_name, margin_labels, number
from linae.plot.pen import Drawn, Pen, check_squared
from linae.plot.scales import decades
from linae.plot.style import ORANGE, SKY

SIZE = 1e-6
"""Singular values of the start A B, as a share of σ₁."""
MOST_STEPS = 20_000


def descent(landscape: SquaredLoss, figure: FigureBase) -> Drawn:
    """Gradient descent from a small start hops from saddle to saddle; the exact flow on top."""
    check_squared(landscape)
    run, times, flow = _motion(landscape)
    step = float(run.step[0])
    ranks = range(min(landscape.width, landscape.spectrum.rank) + 1)
    leading = [CriticalClass(landscape, tuple(range(r))) for r in ranks]
    values = [float(c.loss) for c in leading]

    pen, ax = Pen(), figure.add_subplot()
    for c, value in zip(leading, values, strict=True):
        pen.level(ax, f"critical value, {class_name(c)}", {"time": times[[0, -1]], "loss": value})
    shown = np.unique(np.round(times[::3] / step).astype(int))
    dots = {"time": step * shown, "loss": run.losses[shown, 0], "step": shown}
    pen.dots(ax, "gradient descent", dots, color=ORANGE, markersize=4.5, label="gradient descent")
    line = {"time": times, "loss": flow}
    pen.line(ax, "gradient flow", line, color=SKY, label="gradient flow, in closed form")
    ax.set(xlabel="time: steps × step size", ylabel="loss")
    decades(ax, "y", values)
    if times[0]:
        decades(ax, "x", times)
    figure.legend(loc="outside upper center", ncols=2)
    names = [f"{class_name(c)}: {number(x)}" for c, x in zip(leading, values, strict=True)]
    margin_labels(ax, values, names)
    return pen.drawn(_caption(leading, run, flow))


def _motion(landscape: SquaredLoss) -> tuple[Descent, Array, Array]:
    """A descent on whitened inputs; points of time, in decades if the modes are of such speeds;
    and the losses of the gradient flow there."""
    whitened, rest = landscape.whitened, float(landscape.spectrum.unexplained)
    used = min(landscape.width, whitened.spectrum.rank)
    first, last = np.sqrt(whitened.spectrum.eigenvalues[[0, used - 1]].astype(float))
    start = _start(whitened, np.random.default_rng(0))
    step = 1 / (16 * first)
    end = 1.6 * math.log(last / (SIZE * first) + 9) / (4 * last)
    steps = min(MOST_STEPS, math.ceil(end / step))
    run = descend(whitened, *start, step=step, steps=steps, tolerance=0)
    slow = first > 8 * last
    times = (np.geomspace if slow else np.linspace)(step if slow else 0, step * run.steps, 241)
    flow, point = [], start
    for wait in np.diff(times, prepend=0):  # a semigroup: each point of time starts a new flow
        point = gradient_flow(whitened, *point).at(wait)
        flow.append(float(whitened.loss(*point)) + rest)
    return replace(run, losses=run.losses + rest), times, np.array(flow)


def _start(landscape: SquaredLoss, rng: np.random.Generator) -> tuple[Array, Array]:
    """Small random weights with AᴴA = B Bᴴ."""
    (n, p), (_, d) = landscape.shapes
    rank, G = min(n, p, d), landscape.moments.Syx
    unit = 1j if is_complex(G) else 0

    def frame(rows: int, unit: complex) -> Array:
        noise = rng.standard_normal((rows, rank)) + unit * rng.standard_normal((rows, rank))
        return np.linalg.qr(noise if unit else noise.real)[0]

    left, right, units = frame(n, unit), frame(d, unit), frame(p, 0)
    if n == d == landscape.spectrum.rank <= p and not unit:
        # the sign of det A B is conserved, and half of all starts could never reach det G
        left[:, 0] *= np.sign(np.linalg.det(left @ right.T) * np.linalg.det(G))
    scale = math.sqrt(SIZE) * float(landscape.spectrum.eigenvalues[0]) ** 0.25
    return scale * left @ units.T, scale * units @ right.conj().T


def _caption(leading: Sequence[CriticalClass], run: Descent, flow: Array) -> str:
    values = np.array([float(c.loss) for c in leading])
    (places,) = run.pauses(values, within=0.1 * np.abs(np.diff(values)).min())
    inner = [leading[k] for k in places if 0 < k < len(values) - 1]
    paused = ", ".join(f"{number(float(c.loss))} ({class_name(c)})" for c in inner)
    said = (
        "Gradient descent on whitened inputs from a small balanced start, at loss "
        f"{number(run.losses[0, 0])} near the saddle that selects no component."
    )
    if inner:
        said += f" It pauses at the saddle{'s' if len(inner) > 1 else ''} of loss {paused}."
    ends = (run.losses[-1, 0], flow[-1], values[-1])
    found, flown, least = (number(float(x), 4) for x in ends)
    return said + (
        f" After {run.steps:,} steps the loss is {found}; the gradient flow, in closed form, then "
        f"has {flown}, and the least is {least}."
    )
