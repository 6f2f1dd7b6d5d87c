"""How many critical classes have which index, counted without listing them.

A class of rank r with index set j₁ < … < j_r, first in its groups, has Σ (jᵢ − i) pairs out of
order and index Σ (jᵢ − i) + (p − r)(ρ − r). Its polynomial Σ q^index is a coefficient of zʳ in a
product over the groups: for one that starts at component k and has size μ, Σ_{c ≤ μ} (z qᵏ)ᶜ
q^(c(c − 1)/2); without ties Π (1 + z qᵏ), which has Gaussian binomials. A polynomial is one long
integer, its value at q = 2ᵇ, b more bits than any coefficient has: products with qᵏ are shifts.
Theorems: proofs/schubert_cells.py, proofs/counting.py
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate


def number_of_classes(multiplicities: Sequence[int], width: int) -> int:
    """Number of critical classes: integer vectors 0 ≤ c ≤ multiplicities with sum at most `width`.

    Theorem: proofs/counting.py

    >>> number_of_classes([1, 1, 1, 1], 2)
    11
    """
    return sum(numbers_by_rank(multiplicities, min(width, sum(multiplicities))))


def numbers_by_rank(multiplicities: Sequence[int], width: int) -> list[int]:
    """Of classes of rank 0, 1, …, `width`."""
    ways = [1] + [0] * width
    for size in multiplicities:
        if size == 1:
            ways = [1, *map(int.__add__, ways[1:], ways)]
            continue
        sums = list(accumulate(ways, initial=0))
        ways = [sums[r + 1] - sums[max(r - size, 0)] for r in range(width + 1)]
    return ways


def classes_by_index(
    multiplicities: Sequence[int], width: int, rank: int | None = None
) -> dict[int, int]:
    """How many classes, of one rank or of all, have which index; those that some class has.

    Real data; for complex data every index is twice that.

    >>> classes_by_index([1, 1, 1, 1], 2, rank=2)
    {0: 1, 1: 1, 2: 2, 3: 1, 4: 1}
    """
    rho = sum(multiplicities)
    ranks = range(min(width, rho) + 1)
    if rank is not None and rank not in ranks:
        raise ValueError(f"Need 0 <= rank <= {ranks[-1]}, that of the classes. Got rank = {rank}.")
    numbers = numbers_by_rank(multiplicities, ranks[-1])
    bits = 8 * (sum(numbers).bit_length() // 8 + 1)
    total = 0
    for r, polynomial in enumerate(_by_rank(multiplicities, ranks[-1], bits)):
        if rank in (None, r):
            total += polynomial << bits * (width - r) * (rho - r)
    return {index: count for index, count in enumerate(unpacked(total, bits)) if count}


def counting_work(multiplicities: Sequence[int], width: int) -> int:
    """About how many bytes `classes_by_index` moves: 10⁹ take a second.

    >>> counting_work([1] * 1000, 10) < 10**8, counting_work([1] * 1000, 500) > 10**11
    (True, True)
    """
    rho = sum(multiplicities)
    ranks = min(width, rho)
    numbers = sum(numbers_by_rank(multiplicities, ranks))
    polynomial = (numbers.bit_length() // 8 + 1) * max(width * rho, 1)
    factors = 1 if len(multiplicities) == rho else rho // 32 + 1
    return 4 * polynomial * ranks * factors


def _by_rank(multiplicities: Sequence[int], width: int, bits: int) -> Iterator[int]:
    """For each rank the packed polynomial of Σ (jᵢ − i)."""
    rho, starts = sum(multiplicities), accumulate(multiplicities, initial=0)
    tied = [(k, size) for k, size in zip(starts, multiplicities, strict=False) if size > 1]
    alone = rho - sum(size for _, size in tied)
    if not tied:
        yield from _gaussian_binomials(rho, width, bits)
        return
    ways = [1] + [0] * width
    if alone > rho // 2:  # as if nothing tied; then the factors of the ties are exchanged
        packed = _gaussian_binomials(rho, width, bits)
        ways = [x << bits * (r * (r - 1) // 2) for r, x in enumerate(packed)]
        for k, size in tied:
            for j in range(k, k + size):
                for r in range(1, width + 1):
                    ways[r] -= ways[r - 1] << bits * j
        factors = tied
    else:
        factors = list(zip(accumulate(multiplicities, initial=0), multiplicities, strict=False))
    for k, size in factors:
        ways = [
            sum(ways[r - c] << bits * (c * k + c * (c - 1) // 2) for c in range(min(size, r) + 1))
            for r in range(width + 1)
        ]
    yield from (x >> bits * (r * (r - 1) // 2) for r, x in enumerate(ways))


def _gaussian_binomials(rho: int, width: int, bits: int) -> Iterator[int]:
    """(ρ choose r)_q for r = 0, 1, … `width`, each from the one before: times 1 − q^(ρ − r + 1),
    through 1 − q^r."""
    polynomial = 1
    yield polynomial
    for r in range(1, width + 1):
        degree = r * (rho - r)
        half = (1 << bits * (degree // 2 + 1)) - 1  # it is its own mirror image
        polynomial = (polynomial - (polynomial << bits * (rho - r + 1))) & half
        step = r
        while step <= degree // 2:
            polynomial = (polynomial + (polynomial << bits * step)) & half
            step *= 2
        polynomial = _mirrored(polynomial, degree, bits)
        yield polynomial


def _mirrored(half: int, degree: int, bits: int) -> int:
    """The palindromic polynomial of which the lower half is given, the middle included."""
    size = bits // 8
    lower = half.to_bytes(size * (degree // 2 + 1), "little")
    words = [lower[x : x + size] for x in range(0, size * ((degree + 1) // 2), size)]
    return int.from_bytes(lower + b"".join(reversed(words)), "little")


def unpacked(polynomial: int, bits: int) -> Iterator[int]:
    """The coefficients of a packed polynomial, from that of 1 on."""
    size = bits // 8
    packed = polynomial.to_bytes((polynomial.bit_length() + 7) // 8, "little")
    for x in range(0, len(packed), size):
        yield int.from_bytes(packed[x : x + size], "little")
