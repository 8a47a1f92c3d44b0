"""Licences in people's own words become SPDX expressions, and what an expression allows is read by its operators."""

import pytest

from filters.code.licence_names import is_permissive, spdx_expression


@pytest.mark.parametrize(
    ("written", "expression"),
    [
        ("GPLv2+", "GPL-2.0-or-later"),
        ("GPL (>= 2)", "GPL-2.0-or-later"),
        ("GPL (== 2)", "GPL-2.0-only"),
        ("GPL-2 | GPL-3", "GPL-2.0-only OR GPL-3.0-only"),
        ("GPL", "GPL-1.0-or-later"),
        ("LGPL-2.1+", "LGPL-2.1-or-later"),
        ("GNU Lesser General Public License, version 2.1 or (at your option) any later version", "LGPL-2.1-or-later"),
        ("GNU General Public License v3 or later (GPLv3+)", "GPL-3.0-or-later"),
        ("GFDL-1.3+", "GFDL-1.3-or-later"),
        ("GPL-2.0-or-later WITH Classpath-exception-2.0", "GPL-2.0-or-later WITH Classpath-exception-2.0"),
        ("GPL-2+ and Expat", "GPL-2.0-or-later AND MIT"),
        ("Artistic or GPL-1+", "Artistic-1.0 OR GPL-1.0-or-later"),
        ("BSD-3-clause, and GPL-2", "BSD-3-Clause AND GPL-2.0-only"),
        ("MIT/Apache-2.0", "MIT OR Apache-2.0"),
        ("MIT/X11", "MIT"),
        ("The MIT License", "MIT"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("BSD 3-Clause License", "BSD-3-Clause"),
        ("(MIT OR Apache-2.0) AND BSD-3-Clause", "(MIT OR Apache-2.0) AND BSD-3-Clause"),
        ("perl_5", "Artistic-1.0-Perl OR GPL-1.0-or-later"),
        ("GPL-compatible", "GPL-compatible"),
        ("something of our own", "something of our own"),
    ],
)
def test_names_that_indexes_and_people_use(written: str, expression: str) -> None:
    assert spdx_expression(written) == expression


@pytest.mark.parametrize(
    ("expression", "permissive"),
    [
        ("MIT OR GPL-2.0-only", True),
        ("(MIT OR GPL-2.0-only) AND GPL-3.0-only", False),
        ("MIT AND (GPL-3.0-only OR ISC)", True),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("GPL-2.0-only WITH GCC-exception-2.0 OR MIT", True),
        ("MIT,GPL-2.0", False),
        ("MIT, BSD-3-Clause", True),
        ("BSD-Protection", False),
        ("(MIT", False),
        ("MIT)", False),
        ("", False),
    ],
)
def test_operators_are_read_with_their_brackets(expression: str, permissive: bool) -> None:
    assert is_permissive(expression) is permissive
