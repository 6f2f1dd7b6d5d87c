"""The closed form of the flow, against SciPy's integrator and against its own limit theorem."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from linae import Moments, SquaredLoss
from linae.descent import descend
from linae.flow import convergence_rate, escape_rate, gradient_flow, mode, plateau_times

TIMES = [0.3, 1.0, 5.0, 30.0]


def landscape(rng, n, d, p):
    """A whitened landscape with well separated singular values."""
    U, V = (np.linalg.qr(rng.standard_normal((k, k)))[0] for k in (n, d))
    k = min(n, d)
    G = U[:, :k] * (np.arange(k, 0, -1) + rng.uniform(-0.3, 0.3, k)) @ V[:, :k].T
    return SquaredLoss(Moments(np.eye(d), G, G @ G.T, (np.eye(d), G)), p)


def balanced(rng, n, d, p, rank=None):
    """A start with AᵀA = BBᵀ and small singular values."""
    k = min(n, d, p) if rank is None else rank
    left, right, turn = (np.linalg.qr(rng.standard_normal((s, s)))[0][:, :k] for s in (n, d, p))
    s = rng.uniform(0.05, 0.6, k)
    return left * s @ turn.T, turn * s @ right.T


def integrated(surface, A, B, times):
    """A B at the times, by a Runge-Kutta method of order 8."""

    def slope(_, theta):
        return -surface.flatten(surface.gradient(*surface.unflatten(theta)))

    start = surface.flatten((A, B))
    found = solve_ivp(
        slope, (0, times[-1]), start, method="DOP853", rtol=1e-12, atol=1e-14, t_eval=times
    )
    return [a @ b for a, b in map(surface.unflatten, found.y.T)]


@pytest.mark.parametrize(
    "shape", [(3, 4, 2), (4, 3, 3), (2, 2, 3), (3, 3, 1), (3, 2, 5), (1, 1, 1)]
)
def test_the_flow_is_the_solution_of_the_differential_equation(shape):
    """To 1e-8 at short and long times, any dimensions. Of a start of rank 1 only the one active
    unit is integrated: the rank is conserved, and an integrator would lose it to rounding."""
    rng = np.random.default_rng(sum(shape))
    for rank in (None, 1):
        surface, (A, B) = landscape(rng, *shape), balanced(rng, *shape, rank)
        flow = gradient_flow(surface, A, B)
        unit = np.linalg.svd(A)[2][: rank or shape[2]].T
        active = SquaredLoss(surface.moments, unit.shape[1])
        products = integrated(active, A @ unit, unit.T @ B, TIMES)
        for t, product in zip(TIMES, products, strict=True):
            found = np.matmul(*flow.at(t))
            np.testing.assert_allclose(found, product, rtol=0, atol=1e-8)


def planted(rng, surface, p):
    """A balanced start inside an invariant subspace: no component along some modes."""
    U, _, Vh = np.linalg.svd(surface.moments.Syx)
    rank = min(U.shape[0], Vh.shape[0])
    kept = np.sort(rng.choice(rank, size=rng.integers(1, rank + 1), replace=False))
    k = min(len(kept), p)
    mix = np.linalg.qr(rng.standard_normal((len(kept), k)))[0] * rng.uniform(0.1, 0.5, k)
    turn = np.linalg.qr(rng.standard_normal((p, k)))[0].T
    return U[:, kept] @ mix @ turn, turn.T @ mix.T @ Vh[kept]


def test_the_limit_class_is_where_the_flow_ends():
    """500 starts, half of them planted inside the stable set of a saddle: the loss at large t is
    that of the predicted class, never another."""
    rng = np.random.default_rng(0)
    saddles = 0
    for trial in range(500):
        n, d, p = (int(x) for x in rng.integers(1, 4, 3))
        surface = landscape(rng, n, d, p)
        A, B = planted(rng, surface, p) if trial % 2 else balanced(rng, n, d, p)
        flow = gradient_flow(surface, A, B)
        limit = flow.limit()
        saddles += limit.is_strict_saddle
        assert surface.loss(*flow.at(60.0)) == pytest.approx(limit.loss, abs=1e-3)
    assert saddles > 30


def test_the_sign_obstruction_holds_for_all_times():
    """Square full-rank data and det(A₀B₀) of the wrong sign: the flow ends at a saddle, and no
    rounding ever frees it."""
    surface = SquaredLoss(Moments(np.eye(1), np.eye(1), np.eye(1)), 1)
    flow = gradient_flow(surface, np.array([[0.3]]), np.array([[-0.3]]))
    assert flow.limit().index_set == ()
    assert surface.loss(*flow.at(300.0)) == pytest.approx(1)


@pytest.mark.parametrize(
    ("sigma", "a", "b"),
    [
        (1.3, 0.1, 0.1),
        (1.3, 0.2, -0.1),
        (0.7, -0.1, 0.3),
        (1.0, 0.5, -0.5),
        (1.0, 0.5, 0.5 + 1e-9),
        (1.0, 0.5, -0.5 - 1e-9),
        (0, 0.3, 0.2),
        (0, 1, 1),
    ],
)
def test_scalar_modes_from_any_start(sigma, a, b):
    """Balanced or not, of either sign, with and without a target: against the integrator."""
    times = np.array([0.5, 3.0])

    def slope(_, w):
        return 2 * (sigma - w[0] * w[1]) * w[::-1]

    found = solve_ivp(slope, (0, 3), [a, b], method="DOP853", rtol=1e-12, atol=1e-14, t_eval=times)
    np.testing.assert_allclose(mode(sigma, a, b, times), found.y[0] * found.y[1], rtol=0, atol=1e-9)


def test_a_scalar_mode_on_the_stable_set_stays_there_for_ever():
    """Without a division 0 / 0 when all exponentials have vanished."""
    np.testing.assert_array_equal(mode(1.0, 0.3, -0.3, np.array([0.0, 1e4])), [-0.09, 0.0])


@pytest.mark.parametrize("shape", [(3, 4, 2), (2, 2, 3)])
def test_the_flow_begins_at_its_start(shape):
    """Also with no unit active, where it stays."""
    rng = np.random.default_rng(1)
    surface, start = landscape(rng, *shape), balanced(rng, *shape)
    for claimed, found in zip(start, gradient_flow(surface, *start).at(0.0), strict=True):
        np.testing.assert_allclose(found, claimed, rtol=0, atol=1e-14)
    still = gradient_flow(surface, *(0 * w for w in start))
    assert not any(w.any() for w in still.at(7.0))
    assert still.limit().index_set == ()


def test_gradient_descent_follows_the_flow_up_to_the_order_of_its_step():
    """Half the step, half the error."""
    rng = np.random.default_rng(5)
    surface, (A, B) = landscape(rng, 3, 3, 2), balanced(rng, 3, 3, 2)
    end = np.matmul(*gradient_flow(surface, A, B).at(1.0))
    errors = []
    for steps in (400, 800, 1600):
        run = descend(surface, A, B, step=1 / steps, steps=steps, tolerance=0)
        errors.append(np.linalg.norm(np.matmul(*run.weights) - end))
    np.testing.assert_allclose([errors[0] / errors[1], errors[1] / errors[2]], 2, rtol=0.02)


@pytest.mark.parametrize("shape", [(3, 4, 2), (3, 3, 3), (4, 4, 6)])
def test_plateau_times_are_right_to_leading_order_for_small_starts(shape):
    """Generic, not aligned: the error of each time goes to 0 with the start."""
    rng = np.random.default_rng(7)
    surface, (A, B) = landscape(rng, *shape), balanced(rng, *shape)
    U, s, Vh = np.linalg.svd(surface.moments.Syx)
    worst = []
    for size in (1e-2, 1e-4, 1e-8):
        times, flow = (
            plateau_times(surface, size * A, size * B),
            gradient_flow(surface, size * A, size * B),
        )
        shares = [
            (U[:, i] @ np.matmul(*flow.at(t)) @ Vh[i] / s[i])
            for i, t in enumerate(times)
            if np.isfinite(t)
        ]
        assert len(shares) >= min(shape) - 1
        worst.append(max(abs(share - 0.5) for share in shares))
    assert worst[2] < 1e-3
    assert worst[2] < worst[0]


def test_plateau_times_of_what_is_not_learned_and_of_what_is_there():
    """inf and negative; half of σ at once is 0."""
    surface = SquaredLoss(Moments(np.eye(3), np.diag([3.0, 2, 1]), np.diag([9.0, 4, 1])), 3)
    root = np.sqrt(np.array([1.5, 0, 0.9]))
    times = plateau_times(surface, np.diag(root), np.diag(root))
    assert times[0] == pytest.approx(0, abs=1e-14)
    assert times[1] == np.inf
    assert times[2] < 0


def test_rates_by_hand():
    """σ = 3, 2, 1: twice the gap; 4σ_p without a kernel, 2σ_p with one; with two and p > ρ, 0."""
    G = np.diag([3.0, 2, 1])
    surfaces = [SquaredLoss(Moments(np.eye(3), G, G @ G), p) for p in (1, 2, 3, 4)]
    assert [convergence_rate(surface) for surface in surfaces] == pytest.approx([2, 2, 4, 4])
    wide = np.zeros((4, 4))
    wide[:3, :3] = G
    surfaces = [SquaredLoss(Moments(np.eye(4), wide, wide @ wide), p) for p in (3, 4)]
    assert [convergence_rate(surface) for surface in surfaces] == pytest.approx([2, 0])
    rates = {c.index_set: escape_rate(c) for c in surfaces[0].critical_classes()}
    assert rates[0, 1, 2] == 0
    assert rates[0, 1] == pytest.approx(2)
    assert rates[()] == pytest.approx(6)


def test_what_the_closed_form_does_not_cover_is_refused():
    """Unwhitened inputs, unbalanced starts, negative times."""
    one = np.eye(2)
    raw = SquaredLoss(Moments.auto(2 * one), 2)
    white = SquaredLoss(Moments.auto(one), 2)
    with pytest.raises(ValueError, match="Need whitened inputs"):
        gradient_flow(raw, one, one)
    with pytest.raises(ValueError, match="Need whitened inputs"):
        plateau_times(raw, one, one)
    with pytest.raises(ValueError, match="Need a balanced start"):
        gradient_flow(white, one, 2 * one)
    with pytest.raises(ValueError, match="Need weights of shapes"):
        gradient_flow(white, one[:1], one)
    with pytest.raises(ValueError, match="Need a time t >= 0"):
        gradient_flow(white, one, one).at(-1.0)
