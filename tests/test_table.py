"""A file becomes a table of numbers, exact if asked, or a sentence says what stands in the way."""

import io
import sys
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from sklearn.datasets import load_iris

from linae.data import iris
from linae.exact import Gaussian
from linae.table import read_table

RNG = np.random.default_rng(0)


@pytest.fixture
def written(tmp_path):
    """Writes a file of the given name, from text, bytes or an array, and returns its path."""

    def write(content, name="data.csv"):
        path = tmp_path / name
        if isinstance(content, np.ndarray):
            np.save(path, content)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def test_iris_is_fisher_s_own_version():
    """The shipped table equals scikit-learn's, and has Fisher's values in flowers 35 and 38."""
    table = read_table(iris(), exact=True)
    assert table.names == ("sepal length", "sepal width", "petal length", "petal width")
    assert table.values.shape == (150, 4)
    assert (table.values.astype(float) == load_iris().data).all()
    assert table.values[34].tolist() == [Fraction(x) for x in ("4.9", "3.1", "1.5", "0.2")]
    assert table.values[37].tolist() == [Fraction(x) for x in ("4.9", "3.6", "1.4", "0.1")]


@pytest.mark.parametrize(
    "text",
    [
        "a b,c\n1,-2.5\n3e1,.4\n",
        "a b,c\n1,-2.5\n3e1,.4",
        "a b,c\r\n1,-2.5\r\n3e1,.4\r\n",
        "a b,c\r1,-2.5\r3e1,.4\r",
        "\ufeffa b,c\n1,-2.5\n3e1,.4\n",
        "a b,c\n1,-2.5\n\n3e1,.4\n\n \n\n",
        "a b, c\n1, -2.5 \n 3e1, .4\n",
        '"a b","c"\n"1","-2.5"\n3e1,.4\n',
        "a b;c\n1;-2.5\n3e1;.4\n",
        "a b\tc\n1\t-2.5\n3e1\t.4\n",
        '"a b" c\n1 -2.5\n  3e1   .4  \n',
        '"a b"\t "c"\n1 \t-2.5\n 3e1\t.4\n',
    ],
)
@pytest.mark.parametrize("name", ["data.csv", "data.tsv", "data.TXT"])
def test_any_delimiter_quotes_and_line_ends_give_the_same_table(written, text, name):
    """Comma, semicolon, tab or blanks; BOM, CRLF, blank lines, quotes: one table."""
    table = read_table(written(text, name))
    assert table.names == ("a b", "c")
    assert table.values.dtype == float
    assert table.values.tolist() == [[1, -2.5], [30, 0.4]]


@pytest.mark.parametrize(
    ("text", "names", "values"),
    [
        ("1,2\n3,4\n", ("column 1", "column 2"), [[1, 2], [3, 4]]),
        ("1\n2\n", ("column 1",), [[1], [2]]),
        ("sepal length\n1\n2\n", ("sepal length",), [[1], [2]]),
        (",b\n1,2\n", ("column 1", "b"), [[1, 2]]),
        ("year,1990\n1,2\n", ("year", "1990"), [[1, 2]]),
        ('"a\nb",c\n1,2\n', ("a\nb", "c"), [[1, 2]]),
        ('"a;b","c;d"\n1,2\n', ("a;b", "c;d"), [[1, 2]]),
        ("a, b\n1, 2\n", ("a", "b"), [[1, 2]]),
    ],
)
def test_the_first_row_is_a_header_iff_a_cell_of_it_is_not_a_number(written, text, names, values):
    """Without header, columns are numbered; a name that is missing is made up."""
    table = read_table(written(text))
    assert table.names == names
    assert table.values.tolist() == values


def test_a_table_is_read_only(written):
    """Nobody changes the data after they were read."""
    assert not read_table(written("1,2\n")).values.flags.writeable


@pytest.mark.parametrize(
    ("columns", "names", "values"),
    [
        (["c", "a"], ("c", "a"), [[3, 1], [6, 4]]),
        (["3", "1"], ("c", "a"), [[3, 1], [6, 4]]),
        ([" c ", "1"], ("c", "a"), [[3, 1], [6, 4]]),
        (["1"], ("a",), [[1], [4]]),
        (["2"], ("2",), [[5], [8]]),
        (["4", "a"], ("2", "a"), [[5, 1], [8, 4]]),
    ],
)
def test_columns_are_chosen_by_name_or_number_in_order(written, columns, names, values):
    """A name goes before a number; text in a column that was not chosen does not matter."""
    path = written("a,kind,c,2\n1,x,3,5\n4,NA,6,8\n")
    table = read_table(path, columns=columns)
    assert table.names == names
    assert table.values.tolist() == values


def test_complex_cells_make_a_complex_table(written):
    """In the notations of Python, NumPy and MATLAB; exactly, they are Gaussian rationals."""
    path = written("1+2j,3\n(4.5e0-0.1j),-1\n2i,1/4\n")
    table = read_table(path)
    assert table.values.dtype == complex
    assert table.values.tolist() == [[1 + 2j, 3], [4.5 - 0.1j, -1], [2j, 0.25]]
    exact = read_table(path, exact=True).values
    assert exact[1, 0] == Gaussian(Fraction(9, 2), Fraction(-1, 10))
    assert (exact.astype(complex) == table.values).all()


def test_exact_cells_are_the_rationals_that_they_spell(written):
    """0.1 is 1/10 and not its double; fractions and powers of ten are exact, too."""
    table = read_table(written("x,y\n0.1,1/3\n1e-3,-2.50\n+7.,.5E2\n"), exact=True)
    assert table.values.dtype == object
    assert table.values.tolist() == [
        [Fraction(1, 10), Fraction(1, 3)],
        [Fraction(1, 1000), Fraction(-5, 2)],
        [Fraction(7), Fraction(50)],
    ]


@pytest.mark.parametrize("scale", [1e-310, 1e-20, 1.0, 1e300])
def test_floating_cells_are_the_exact_ones_rounded(written, scale):
    """float(exact cell) == floating cell, for 17 digits at any size."""
    X = RNG.standard_normal((50, 3)) * scale
    path = written("\n".join(",".join(f"{x:.17g}" for x in row) for row in X))
    found = read_table(path).values
    assert (found == X).all()
    assert (read_table(path, exact=True).values.astype(float) == found).all()
    assert (np.loadtxt(path, delimiter=",") == found).all()


@pytest.mark.parametrize("dtype", ["f2", "f4", ">f8", "i1", "u8", "?", "c8", "c16"])
def test_arrays_are_read_as_the_numbers_that_they_hold(written, dtype):
    """NPY of any numeric type and order; exactly, each double is its dyadic rational."""
    X = np.asfortranarray((RNG.standard_normal((5, 3)) * 9).astype("f8").round(3) ** 2)
    X = (X * (1 + 2j) if "c" in dtype else X).astype(dtype)
    path = written(X, "data.npy")
    table, exact = read_table(path), read_table(path, exact=True).values
    assert table.names == ("column 1", "column 2", "column 3")
    assert table.values.dtype == (complex if "c" in dtype else float)
    assert (table.values == X).all()
    assert exact.dtype == object
    assert exact.ravel().tolist() == X.ravel().tolist()


def test_a_vector_is_one_column_and_integers_stay_exact(written):
    """2⁶⁰ + 1, which no double is, is read exactly from an array of integers."""
    table = read_table(written(np.array([2**60 + 1, 2]), "data.npy"), exact=True)
    assert table.values.tolist() == [[2**60 + 1], [2]]
    assert isinstance(table.values[0, 0], Fraction)


def test_a_dash_is_standard_input(monkeypatch):
    """`-` reads text from standard input, and says so in errors."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a;b\n1;2\n")))
    assert read_table("-").values.tolist() == [[1, 2]]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a;b\n1;\n")))
    with pytest.raises(ValueError, match=r"in column 'b', line 2 of standard input\.$"):
        read_table("-")


COLUMNS = ",".join("abcdefghij")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "Need a table. Got an empty file, data.csv."),
        (" \n,,\n", "Need a table. Got an empty file, data.csv."),
        ("a,b\n", "Need a row of numbers below the header of data.csv. Got none."),
        (
            "a,b\n1,2\n\n3\n",
            "Need 2 cells in each row, as in line 1. Got 1 in line 4 of data.csv.",
        ),
        (
            "\n1,2\n1,2,3\n",
            "Need 2 cells in each row, as in line 2. Got 3 in line 3 of data.csv.",
        ),
        (
            "a,b,kind\n1,2,x\n",
            "Need numbers. Got 'x' in column 'kind', line 2 of data.csv: "
            "choose numeric columns with --columns among 'a', 'b'.",
        ),
        (
            "kind\nx\n",
            "Need numbers. Got 'x' in column 'kind', line 2 of data.csv: "
            "choose numeric columns (none is numeric).",
        ),
        (
            f"kind,{COLUMNS}\n\nx{',1' * 10}\n",
            "Need numbers. Got 'x' in column 'kind', line 3 of data.csv: choose numeric columns "
            "with --columns among 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', … (10 in all).",
        ),
        (
            "a\n1\n1_000\n",
            "Need numbers. Got '1_000' in column 'a', line 3 of data.csv: "
            "choose numeric columns (none is numeric).",
        ),
        (
            "a,b\nNA,1\nx,2\n",
            "Need numbers. Got 'x' in column 'a', line 3 of data.csv: "
            "choose numeric columns with --columns among 'b'.",
        ),
        (
            f"a,b\n{'x' * 99},1\n",
            f"Need numbers. Got '{'x' * 40}'… in column 'a', line 2 of data.csv: "
            "choose numeric columns with --columns among 'b'.",
        ),
        (
            "a,b\n1,2\n3,NA\n",
            "Need finite numbers. Got 'NA' in column 'b', line 3 of data.csv.",
        ),
        ("1,2\n3,nan\n", "Need finite numbers. Got 'nan' in column 2, line 2 of data.csv."),
        ("1,-inf\n3,4\n", "Need finite numbers. Got '-inf' in column 2, line 1 of data.csv."),
        ("1,2\n3,1e400\n", "Need finite numbers. Got '1e400' in column 2, line 2 of data.csv."),
        ("1+1j,2\n3,?\n", "Need finite numbers. Got '?' in column 2, line 2 of data.csv."),
        (
            "a,b\n1,2\n3,\n",
            "Need finite numbers. Got an empty cell in column 'b', line 3 of data.csv.",
        ),
        (
            "a;b\n5,1;3,5\n",
            "Need numbers with a decimal point. Got '5,1' in column 'a', line 2 of data.csv.",
        ),
        (
            b"a,b\n1,2\n3,\xe9\n",
            "Need UTF-8 text. Got byte 0xe9 in line 3 of data.csv.",
        ),
        ("a,b\n1,2\n".encode("utf-16"), "Need UTF-8 text. Got byte 0xff in line 1 of data.csv."),
        (
            "a,b\n" + "x" * 200_000 + ",1\n",
            "Need delimited text. Got an error in data.csv: "
            "field larger than field limit (131072).",
        ),
    ],
)
@pytest.mark.parametrize("exact", [False, True])
def test_what_is_wrong_with_a_text_is_said_in_its_place(written, content, message, exact):
    """Requirement, received value, column and line, whether read in doubles or exactly."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the whole message is compared
        read_table(written(content), exact=exact)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ([], "Need at least one column of data.csv. Got none."),
        (
            ["petal lenth"],
            "Need a column among 'petal length', 'x', 'x', 'kind' of data.csv. "
            "Got 'petal lenth'; did you mean 'petal length'?",
        ),
        (["5"], "Need a column among 'petal length', 'x', 'x', 'kind' of data.csv. Got '5'."),
        (["0"], "Need a column among 'petal length', 'x', 'x', 'kind' of data.csv. Got '0'."),
        (
            ["x"],
            "Need the name of one column. Got 'x', which names columns 2, 3 of data.csv: "
            "choose by number.",
        ),
        (
            ["1", "kind"],
            "Need numbers. Got 'q' in column 'kind', line 2 of data.csv: "
            "choose numeric columns with --columns among 'petal length', 'x', 'x'.",
        ),
    ],
)
def test_a_choice_of_columns_that_cannot_be_met_is_refused(written, columns, message):
    """Unknown, ambiguous and non-numeric columns are named, with what is there."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the whole message is compared
        read_table(written("petal length,x,x,kind\n1,2,3,q\n"), columns=columns)
    assert str(caught.value) == message


def test_a_first_row_that_may_be_data_is_not_dropped_in_silence(written):
    """Where numbers stand among the names, columns chosen by number are refused, not by name."""
    path = written("1990,2000,country\n1.5,2.5,x\n")
    message = (
        r"^Need names or numbers in the first row of data\.csv\. Got both: put names above it, "
        r"or choose by the names in it, such as '1990'\.$"
    )
    with pytest.raises(ValueError, match=message):
        read_table(path, columns=["1", "2"])
    assert read_table(path, columns=["2000", "1"]).values.tolist() == [[2.5, 1.5]]


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (
            np.zeros((2, 3, 4)),
            "Need an array (samples, features). Got shape (2, 3, 4) in data.npy.",
        ),
        (np.array(1.0), "Need an array (samples, features). Got shape () in data.npy."),
        (np.zeros((0, 3)), "Need at least one row and one column. Got none in data.npy."),
        (np.zeros((3, 0)), "Need at least one row and one column. Got none in data.npy."),
        (np.array([["1", "2"]]), "Need a NumPy array of numbers. Got dtype <U1 in data.npy."),
        (
            np.array([[1, None]], dtype=object),
            "Need a NumPy array of numbers. Got Python objects in data.npy.",
        ),
        (b"\x93NUMPY", "Need a NumPy array of numbers. Got something else in data.npy."),
        (
            np.array([[1, 2], [3, np.nan]]),
            "Need finite numbers. Got 'nan' in column 2, row 2 of data.npy.",
        ),
        (
            np.array([[1, complex(0, np.inf)]]),
            "Need finite numbers. Got 'infj' in column 2, row 1 of data.npy.",
        ),
    ],
)
@pytest.mark.parametrize("exact", [False, True])
def test_what_is_wrong_with_an_array_is_said(written, array, message, exact):
    """Shape, type and place of what cannot be a table; pickles are never opened."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the whole message is compared
        read_table(written(array, "data.npy"), exact=exact)
    assert str(caught.value) == message


def test_a_file_that_cannot_be_opened_is_refused(tmp_path, written):
    """Not there, a directory, or of an unknown kind."""
    with pytest.raises(ValueError, match=r"^Need a readable file\. Got .*nope\.csv: no such file"):
        read_table(tmp_path / "nope.csv")
    with pytest.raises(ValueError, match=r"^Need a readable file\. Got .*: is a directory\.$"):
        read_table(str(tmp_path))
    message = r"^Need a file in \.csv, \.tsv, \.txt, \.npy or \.parquet\. Got data\.xlsx\.$"
    with pytest.raises(ValueError, match=message):
        read_table(written("1,2\n", "data.xlsx"))


def test_without_pyarrow_parquet_says_what_to_install(written, monkeypatch):
    """One line with the command."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ValueError, match=r"^Need pyarrow .*: pip install 'linae\[parquet\]'\. Got"):
        read_table(written("", "data.parquet"))


def test_parquet_is_read_like_the_rest(tmp_path, written):
    """Numbers and decimals are read exactly; text, dates and gaps are refused in their place."""
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "data.parquet"
    cells = {"x": [0.5, 0.1], "n": [2**60 + 1, 2], "d": [Decimal("1.10"), Decimal("2.00")]}
    gaps = {"day": [date(2020, 1, 1)] * 2, "kind": ["a", "b"], "gap": [1, None]}
    parquet.write_table(pyarrow.table(cells | gaps), path)
    table = read_table(path, columns=["d", "x", "2"], exact=True)
    assert table.names == ("d", "x", "n")
    assert table.values[0].tolist() == [Fraction(11, 10), Fraction(1, 2), 2**60 + 1]
    assert read_table(path, columns=["x"]).values.tolist() == [[0.5], [0.1]]
    with pytest.raises(
        ValueError, match=r"^Need numbers\. Got '2020-01-01' in column 'day', row 1"
    ):
        read_table(path)
    with pytest.raises(
        ValueError, match=r"^Need finite numbers\. Got 'nan' in column 'gap', row 2"
    ):
        read_table(path, columns=["gap"])
    with pytest.raises(ValueError, match=r"^Need a Parquet file\. Got something else"):
        read_table(written("x", "other.parquet"))
