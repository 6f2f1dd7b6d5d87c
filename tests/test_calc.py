"""The calculus of chains: what it refuses, what it accepts, and that its lines have one value."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linae.exact import inverse as exact_inverse
from linae.exact import rationals
from proofs import projection
from proofs._calc import CYCLIC, I, Line, Proof, Rule, calc, inverse, letter, tr, value, zero
from proofs._cases import GAUSSIANS, RATIONALS, gauges, matrices, unitaries
from proofs._draft import post_chain

U, S, A = letter("U", "n", "p"), letter("S", "p", "p"), letter("A", "p", "n")
ORTHONORMAL = Rule("orthonormal", U.H @ U, I("p"))
ROOT = Rule("root", S @ S.H, S)  # S = S Sᴴ: an orthogonal projector


@pytest.mark.parametrize(
    "nonsense",
    [
        lambda: U.H @ U @ U,
        lambda: U @ U,
        lambda: U + U.H,
        lambda: I("n") - I("p"),
        lambda: tr(U),
        lambda: tr(tr(S)),
        lambda: tr(S) @ I("1"),
        lambda: I("1") @ tr(S),
        lambda: tr(S) + S,
        lambda: inverse(U),
        lambda: Rule("two shapes", U, U.H),
        lambda: calc(U, ORTHONORMAL, ORTHONORMAL),
        lambda: calc(U, Rule(CYCLIC, S, S.H)),
    ],
)
def test_what_does_not_conform_cannot_be_written(nonsense):
    """Sizes are compared by name, wherever matrices meet."""
    with pytest.raises(ValueError, match="Need"):
        nonsense()


@pytest.mark.parametrize(
    ("line", "name", "following"),
    [
        (U, "orthonormal", U @ U.H @ U @ U.H @ U),  # two uses
        (U.H @ U @ U.H @ U, "orthonormal", I("p")),
        (U @ U.H, "orthonormal", I("n")),  # the wrong side
        (S @ S.H, "root", 2 * S),
        (S, "root", S.H),
        (S, "root", S),  # no use
        (S @ S.H + S.H @ S @ S.H, "root", S + S.H @ S),
        (S @ A, "root", S),  # other shapes
        (S @ U.H @ U, CYCLIC, U.H @ U @ S),  # no trace
        (S @ S.H, "rooot", S),  # no such rule
        (tr(S @ S.H @ A @ U), CYCLIC, tr(S.H @ S @ A @ U)),  # another order
        (tr(A @ U) + tr(S @ A @ U), CYCLIC, tr(U @ A) + tr(A @ U @ S)),
    ],
)
def test_a_step_that_is_not_one_use_of_its_rule_is_refused(line, name, following):
    """Not two uses, not none, not elsewhere, not of another rule."""
    with pytest.raises(ValueError, match="Need"):
        calc(line, ORTHONORMAL, ROOT).step(name, following)


# Letters as characters, a small one for the adjoint: words as strings, rewritten as strings.
LETTERS = {"U": U, "u": U.H, "S": S, "s": S.H}
SIZES = {"U": "np", "u": "pn", "S": "pp", "s": "pp"}
PAIRS = {"orthonormal": [("uU", "")], "root": [("Ss", "S"), ("Ss", "s")]}


def words(length):
    """Every conformable word of at most this many letters: text, rows, columns."""
    yield from (("", size, size) for size in "np")
    for k in range(1, length + 1):
        for text in map("".join, product(LETTERS, repeat=k)):
            if all(SIZES[a][1] == SIZES[b][0] for a, b in pairwise(text)):
                yield text, SIZES[text[0]][0], SIZES[text[-1]][1]


def as_sum(text, rows, columns):
    total = I(rows)
    for character in text:
        total = total @ LETTERS[character]
    return total


def rewritten(text, rows, name):
    """Every string that one use of the rule makes of a string."""
    for left, right in PAIRS[name]:
        for a, b in ((left, right), (right, left)):
            for i in range(len(text) - len(a) + 1):
                size = SIZES[text[i]][0] if i < len(text) else SIZES[text[-1]][1] if text else rows
                if text[i : i + len(a)] == a and size == "p":
                    yield text[:i] + b + text[i + len(a) :]


@pytest.mark.parametrize("name", PAIRS)
def test_a_step_is_accepted_iff_a_string_rewriting_makes_it(name):
    """All pairs of words up to four letters, against rewriting of strings."""
    kinds = {}
    for text, rows, columns in words(4):
        kinds.setdefault((rows, columns), []).append(text)
    for (rows, columns), texts in kinds.items():
        for text in texts:
            chain = calc(as_sum(text, rows, columns), ORTHONORMAL, ROOT)
            expected = set(rewritten(text, rows, name)) - {text}
            for other in texts:
                try:
                    chain.step(name, as_sum(other, rows, columns))
                    accepted = True
                except ValueError:
                    accepted = False
                assert accepted == (other in expected), (text, other)


WORDS = st.sampled_from(list(words(3)))


@st.composite
def obedient_instances(draw):
    """Orthonormal columns for U, an orthogonal projector for S."""
    n, p = draw(st.sampled_from([(2, 1), (3, 2), (2, 2)]))
    turn = draw(unitaries(n, draw(st.sampled_from([RATIONALS, GAUSSIANS]))))
    columns = draw(unitaries(p))[:, : draw(st.integers(0, p))]
    return {"n": n, "p": p, "U": turn[:, :p], "S": rationals(columns @ columns.T)}


@settings(deadline=None)
@given(obedient_instances(), st.sampled_from([ORTHONORMAL, ROOT]), st.data())
def test_what_is_accepted_is_true(values, rule, data):
    """A step c X (left − right) Y from any Sum is accepted, and changes no value."""
    X, Y = (as_sum(*data.draw(WORDS.filter(lambda w, i=i: w[i] == "p"))) for i in (2, 1))
    c = data.draw(st.sampled_from([1, -1, 2, Fraction(1, 3)]))
    change = c * X @ (rule.left - rule.right) @ Y
    rest = data.draw(WORDS.filter(lambda w: w[1:] == (X.rows, Y.columns)))
    line = c * X @ rule.left @ Y + as_sum(*rest)
    calc(line, rule).step(rule.name, line - change).check(values)
    if X.rows == Y.columns:
        calc(tr(line), rule).step(rule.name, tr(line - change)).check(values)


def test_one_use_of_a_rule_adds_a_multiple_of_left_minus_right():
    """In sums too: any number of copies of one term, an expansion, or 0 = left − right."""
    chain = calc(3 * S @ S.H @ S, ROOT)
    assert chain.step("root", S @ S.H @ S + 2 * S @ S).lines[-1].reason == "root"
    assert chain.step("root", 3 * S @ S.H @ S + S - S @ S.H)
    expansion = Rule("complement", S, I("p") - A @ U)
    chain = calc(S @ S, expansion).step("complement", S - A @ U @ S)
    assert str(chain.step("complement", I("p") - A @ U - A @ U @ S)).endswith("[complement]")
    with pytest.raises(ValueError, match="one use"):
        chain.step("complement", I("p") - 2 * A @ U + A @ U @ A @ U)


def test_the_adjoint_of_a_rule_is_the_rule_and_is_printed():
    """(X Y)ᴴ = Yᴴ Xᴴ, also in rules."""
    assert (2 * U @ S - U).H == 2 * S.H @ U.H - U.H
    polar = Rule("polar", U @ S, A.H)
    assert calc(S.H @ U.H @ U, polar).step("polar", A @ U).lines[-1].reason == "polar, adjoint"


def test_sums_are_equal_whatever_their_order_and_zero_has_a_shape():
    """S + I = I + S, and 0 of one shape is not 0 of another."""
    assert S + I("p") == I("p") + S
    assert S - S == zero("p", "p") != zero("p", "n")
    assert not (S @ (S.H - S.H)).terms
    assert str(Fraction(1, 2) * S - 2 * S @ S.H - I("p")) == "1/2 S − 2 S Sᴴ − I(p)"
    assert str(zero("p", "n")) == "0"
    assert str(-1 * tr(A @ U)) == "− tr(A U)"


def test_a_chain_reads_as_a_calculation():
    """Lines are aligned, with reasons at their right; a proof shows what is given, lemmas not."""
    lemma = calc(U @ U.H @ U, ORTHONORMAL).step("orthonormal", U).lemma("U Uᴴ keeps U")
    chain = calc(U @ U.H @ U @ S @ S.H, lemma, ROOT)
    chain = chain.step("U Uᴴ keeps U", U @ S @ S.H).step("root", U @ S)
    assert str(Proof([lemma.proof, chain])) == (
        "Given\n"
        "  orthonormal   Uᴴ U = I(p)\n"
        "  root          S Sᴴ = S\n"
        "\n"
        "  U Uᴴ U\n"
        "= U        [orthonormal]\n"
        "\n"
        "  U Uᴴ U S Sᴴ\n"
        "= U S Sᴴ        [U Uᴴ keeps U]\n"
        "= U S           [root]"
    )
    assert "U Uᴴ keeps U   U Uᴴ U = U" in str(Proof([chain]))  # not proved there


@st.composite
def free_instances(draw):
    """Any exact matrices for the letters U, S, A, real or complex, of any sizes."""
    n, p = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    numbers = draw(st.sampled_from([RATIONALS, GAUSSIANS]))
    shapes = {"U": (n, p), "S": (p, p), "A": (p, n)}
    return {"n": n, "p": p} | {x: draw(matrices(*shape, numbers)) for x, shape in shapes.items()}


@given(free_instances())
def test_values_are_those_of_numpy(values):
    """The algebra of Sums expands as matrices do, and traces are cyclic."""
    u, s, a, one = values["U"], values["S"], values["A"], np.eye(values["p"], dtype=int)
    square = (I("p") - A @ U) @ (I("p") - A @ U).H
    assert (value(square, values) == (one - a @ u) @ (one - a @ u).conj().T).all()
    assert value(tr(3 * S - A @ U), values) == np.trace(3 * s - a @ u)
    calc(tr(S @ A @ U)).step(CYCLIC, tr(U @ S @ A)).check(values)
    calc(tr(S @ A @ U) + tr(S)).step(CYCLIC, tr(A @ U @ S) + tr(S)).check(values)


def test_an_idempotent_has_an_idempotent_complement():
    """(I − P)(I − P) = I − P, in all sizes and at an instance."""
    P = letter("P", "n", "n")
    E = I("n") - P
    chain = calc(E @ E, Rule("P P = P", P @ P, P)).step("P P = P", E)
    assert str(chain).splitlines() == ["  I(n) − 2 P + P P", "= I(n) − P           [P P = P]"]
    chain.check({"n": 2, "P": rationals([[1, 1], [0, 0]])})


def test_arrays_of_sums_are_block_matrices():
    """[1 0; −BᴴA⁻¹ 1] [A B; Bᴴ C] [1 −A⁻¹B; 0 1] = A ⊕ (C − BᴴA⁻¹B)."""
    A, B, C = letter("A", "k", "k"), letter("B", "k", "l"), letter("C", "l", "l")
    left, right = Rule("left", inverse(A) @ A, I("k")), Rule("right", A @ inverse(A), I("k"))
    M = np.array([[A, B], [B.H, C]])
    L = np.array([[I("k"), zero("k", "l")], [-1 * B.H @ inverse(A), I("l")]])
    R = np.array([[I("k"), -1 * inverse(A) @ B], [zero("l", "k"), I("l")]])
    N = L @ M @ R
    calc(N[0, 1], right).step("right", zero("k", "l"))
    (calc(N[1, 0], left).step("left", zero("l", "k")))
    schur = C - B.H @ inverse(A) @ B
    assert calc(N[1, 1], left).step("left", schur).lines[-1].value == schur


@given(gauges(3))
def test_an_inverse_is_what_it_says(M):
    """value evaluates the letter S⁻¹ by elimination, and refuses a singular S."""
    values = {"p": 3, "S": M}
    assert (value(inverse(S.H @ S).H, values) == exact_inverse(M.conj().T @ M)).all()
    with pytest.raises(ValueError, match="invertible"):
        value(inverse(S - S), values)


def test_check_refuses_other_instances_and_catches_forged_lines():
    """The interpreter does not believe the chain."""
    chain = calc(U @ U.H @ U, ORTHONORMAL).step("orthonormal", U)
    good = {"n": 2, "p": 1, "U": rationals([["3/5"], ["4/5"]])}
    chain.check(good)
    with pytest.raises(ValueError, match="without it"):
        chain.check(good | {"U": rationals([[1], [1]])})
    with pytest.raises(ValueError, match="Need Uᴴ of shape p × n"):
        chain.check(good | {"n": 3})
    with pytest.raises(AssertionError, match="differs"):
        replace(chain, lines=(*chain.lines, Line(2 * U))).check(good)


# The theorem on projections


def replayed(chain, rules, lines):
    """The chain written again, with these rules and lines."""
    again = calc(lines[0].value, *rules)
    for line in lines[1:]:
        again = again.step(line.rule.name, line.value)
    return again


CHAINS = projection.proof()


@pytest.mark.parametrize("chain", CHAINS, ids=lambda c: f"{c.lines[0].value} = {c.lines[-1].value}")
def test_no_step_of_the_projection_theorem_survives_another_rule(chain):
    """With one rule doubled on its right side, or one line doubled, the chain is refused."""
    rules = list(chain.rules.values())
    assert replayed(chain, rules, chain.lines).lines == chain.lines
    for used in {line.rule.name for line in chain.lines if line.rule}:
        mutated = [replace(r, right=2 * r.right) if r.name == used else r for r in rules]
        with pytest.raises(ValueError, match="one use"):
            replayed(chain, mutated, chain.lines)
    for i, line in enumerate(chain.lines):
        lines = list(chain.lines)
        lines[i] = line._replace(value=2 * line.value)
        with pytest.raises(ValueError, match="one use"):
            replayed(chain, rules, lines)


def test_every_rule_that_a_chain_of_the_projection_theorem_may_use_is_used():
    """No hypothesis is listed in vain."""
    for chain in CHAINS:
        assert set(chain.rules) == {line.rule.name for line in chain.lines if line.rule}


@settings(max_examples=20, deadline=None)
@given(projection.hypotheses())
def test_chains_of_the_projection_theorem_agree_with_exact_instances(case):
    """Every line has one value; the chains for full column rank where the rank is full."""
    (k, (p, l)) = case.U.shape[1], case.V.shape  # noqa: E741  # as in the proof
    chains = [*projection._singular_values(), *projection._range(), *projection._inverses()]
    if case.rank == p == l:
        chains += projection._full_svd()
        chains += projection._thin_svd() if k == p else []
    for chain in chains:
        chain.check(projection.instance(case))


def test_the_theorem_ends_where_it_says():
    """From C (CᴴC)⁻ Cᴴ and the others to U E Eᴴ Uᴴ, and for the thin SVD to U Uᴴ."""
    claims = {f"{chain.lines[0].value} = {chain.lines[-1].value}" for chain in CHAINS}
    assert claims >= {
        "C (CᴴC)⁻ Cᴴ = U E Eᴴ Uᴴ",
        "U Λ (ΛᴴΛ)⁻ Λᴴ Uᴴ = U E Eᴴ Uᴴ",
        "C C⁺ = U E Eᴴ Uᴴ",
        "C (Cᴴ C)⁻¹ Cᴴ = U Λ (Λᴴ Λ)⁻¹ Λᴴ Uᴴ",
        "C (Cᴴ C)⁻¹ Cᴴ = U Uᴴ",
    }


def test_the_chain_of_the_post_breaks_at_its_fourth_line():
    """It holds for the thin SVD of full column rank, and then goes on to U Uᵀ; the fourth line does
    not conform if Λ is rectangular, and nothing is defined if the rank is not full."""
    lines = {line.number: line for line in post_chain()}
    tall, thin, wide, singular = lines[1].failures
    assert {i: line.holds for i, line in lines.items()} == {
        1: [tall, thin],
        2: [tall, thin, wide, singular],
        3: [tall, thin],
        4: [thin],
        5: [thin],
        6: [thin, wide],
        7: [thin, wide],
    }
    assert lines[4].failures[tall].endswith("Got (V : p × p) (Λ : n × p).")
    assert lines[5].failures[tall] == "Need a square matrix. Got Λ : n × p."
    assert lines[1].failures[singular] == "Need Cᴴ C invertible. Got rank 1 of 2."
    assert lines[5].failures[wide] == "true, but the line before fails"
    assert lines[7].failures[tall] == "U Uᴴ is another matrix"
