"""The judge of layout: rows and preformatted lines count where they stand as they stood, and not otherwise."""

from tests.benchmarks.web_structure import Structure, kept, structure_of

TABLE = "<table><tr><th>name</th><th>sum</th></tr><tr><td>one</td><td>1 of <b>2</b></td></tr></table>"
PAGE = f"<body><nav><pre>x</pre></nav><main>{TABLE}<pre>if a:\n    b = 1\nend</pre></main></body>"
EXPECTED = Structure([("name", "sum"), ("one", "1", "of", "2")], [(0, "if a:"), (4, "b = 1"), (-4, "end")])


def test_what_the_main_element_lays_out() -> None:
    assert structure_of(PAGE, "//main") == EXPECTED
    assert structure_of(PAGE, "//article") is None


def test_tables_that_lay_out_a_page_hold_no_rows() -> None:
    for inner in ("<table><tr><td>a</td><td>b</td></tr></table>", "<pre>a</pre>", "x" * 300):
        page = f"<main><table><tr><td>{inner}</td><td>c</td></tr><tr><td>d</td><td>e</td></tr></table></main>"
        found = structure_of(page, "//main")
        assert found is not None and not [row for row in found.rows if "c" in row]


def test_rows_and_lines_are_kept_as_they_stand() -> None:
    assert kept(EXPECTED, "| name | sum |\n| one | 1 of 2 |\n\n  if a:\n      b = 1\n  end") == (2, 2)
    assert kept(EXPECTED, "name | sum\n\nif a:\n    b = 1\nend") == (1, 3)
    assert kept(EXPECTED, "name\nsum\none\n1 of 2\nif a: b = 1 end") == (0, 0)
