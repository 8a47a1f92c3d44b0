"""What a package declares to its index counts where no licence file stands; a choice that a text offers is one."""

import pytest

from filters.code.licence_choice import offered_choice
from filters.code.licences import archive_licences, speaks_of_licence
from filters.code.package_metadata import licence_of_package


@pytest.mark.parametrize(
    ("name", "text", "licence"),
    [
        ("package.json", '{"name": "x", "license": "(MIT OR Apache-2.0)"}', "(MIT OR Apache-2.0)"),
        ("package.json", '{"license": {"type": "ISC", "url": "x"}}', "ISC"),
        ("package.json", '{"license": "SEE LICENSE IN x"}', None),
        ("package.json", '{"license": "UNLICENSED"}', None),
        ("package.json", "{not JSON", None),
        ("Cargo.toml", '[package]\nlicense = "MIT OR Apache-2.0"\n', "MIT OR Apache-2.0"),
        ("pyproject.toml", '[project]\nlicense = {text = "BSD-3-Clause"}\n', "BSD-3-Clause"),
        ("pyproject.toml", '[project]\nlicense = {file = "LICENSE"}\n', None),
        ("DESCRIPTION", "Package: x\nLicense: GPL (>= 2)\n", "GPL-2.0-or-later"),
        ("DESCRIPTION", "License: MIT + file LICENSE\n", "MIT"),
        ("DESCRIPTION", "License: GPL-2 | GPL-3\n", "GPL-2.0-only OR GPL-3.0-only"),
        ("x.cabal", "name: x\nlicense:   BSD3\n", "BSD-3-Clause"),
        ("CITATION.cff", 'cff-version: 1.2.0\nlicense: "MIT"\n', "MIT"),
        ("composer.json", '{"license": ["MIT", "GPL-3.0+"]}', "MIT OR GPL-3.0-or-later"),
        ("META.json", '{"license": ["perl_5"]}', "Artistic-1.0-Perl OR GPL-1.0-or-later"),
        ("Cargo.toml", '[package]\nlicense = "MIT/Apache-2.0"\n', "MIT OR Apache-2.0"),
        ("pyproject.toml", '[tool.poetry]\nlicense = "MIT"\n', "MIT"),
        ("lakefile.toml", 'name = "x"\nlicense = "Apache-2.0"\n', "Apache-2.0"),
        ("fpm.toml", 'license = "MIT"\n', "MIT"),
        ("DESCRIPTION", "Name: x\nLicense: GPLv3+\n", "GPL-3.0-or-later"),
        ("DESCRIPTION", "License: file LICENSE\n", None),
        ("x.opam", 'license: "LGPL-2.1-only WITH OCaml-LGPL-linking-exception"\n',
         "LGPL-2.1-only WITH OCaml-LGPL-linking-exception"),
        ("x.opam", 'license: ["MIT" "ISC"]\n', "MIT AND ISC"),
        ("dune-project", "(lang dune 2.0)\n(license MIT)\n", "MIT"),
        ("PackageInfo.g", 'SetPackageInfo( rec(\nLicense := "GPL-2.0-or-later",\n', "GPL-2.0-or-later"),
        ("x.ipkg", 'package x\nlicense = "BSD-3-Clause"\n', "BSD-3-Clause"),
        ("x.gemspec", "  spec.licenses = ['MIT', 'GPL-2.0-only']\n", "MIT AND GPL-2.0-only"),
        ("x.spec", "Name: x\nLicense:   GPLv2+ and BSD\n", "GPL-2.0-or-later AND BSD"),
        ("meta.yaml", "about:\n  license: BSD-3-Clause  # as the file says\n", "BSD-3-Clause"),
        ("meson.build", "project('x', 'c', license : 'LGPLv2.1+')\n", "LGPL-2.1-or-later"),
        ("setup.py", "setup(name='x', license='BSD', version='1')\n", "BSD"),
        ("setup.cfg", "[metadata]\nlicense_files = LICENSE\n", None),
        ("pom.xml", "<licenses><license>\n <name>Apache License, Version 2.0</name>", "Apache-2.0"),
        ("x.nuspec", '<license type="expression">MIT</license>', "MIT"),
        ("codemeta.json", '{"license": "https://spdx.org/licenses/GPL-3.0-only"}', "GPL-3.0-only"),
    ],
)  # fmt: skip
def test_licences_that_indexes_are_told(name: str, text: str, licence: str | None) -> None:
    assert licence_of_package(f"p/{name}", text) == licence


def test_a_licence_file_comes_before_the_metadata() -> None:
    package = ("p/package.json", '{"license": "MIT"}')
    assert speaks_of_licence(package[0]) and not speaks_of_licence("p/deep/package.json")
    assert archive_licences([package]).of("p/a.py") == "MIT"
    gpl = ("p/COPYING", "GNU GENERAL PUBLIC LICENSE Version 3, 29 June 2007")
    assert archive_licences([package, gpl]).of("p/a.py") == "GPL-3.0-only"


def test_the_package_says_that_one_of_two_texts_may_be_chosen() -> None:
    texts = [("p/LICENSE-A", "Boost Software License - Version 1.0"), ("p/LICENSE-B", "CC0 1.0 Universal")]
    assert archive_licences(texts).of("p/a.rs") == "BSL-1.0 AND CC0-1.0"
    package = ("p/Cargo.toml", '[package]\nlicense = "CC0-1.0 OR BSL-1.0"\n')
    assert archive_licences([*texts, package]).of("p/a.rs") == "CC0-1.0 OR BSL-1.0"
    other = ("p/Cargo.toml", '[package]\nlicense = "CC0-1.0 OR MIT"\n')
    assert archive_licences([*texts, other]).of("p/a.rs") == "BSL-1.0 AND CC0-1.0"


def test_a_readme_may_say_so_and_texts_it_does_not_name_hold_besides() -> None:
    texts = [
        ("p/LICENSE-MPL", "Mozilla Public License Version 2.0"),
        ("p/LICENSE-BSL", "Boost Software License - Version 1.0"),
        ("p/LICENSE-CC", "CC0 1.0 Universal"),
    ]
    readme = ("p/README.md", "# x\n\n## License\nDual licensed: MIT or Apache 2.0, at your choice.\n")
    assert archive_licences([*texts, readme]).of("p/a.rs") == "BSL-1.0 AND CC0-1.0 AND MPL-2.0"
    package = ("p/package.json", '{"license": "(MPL-2.0 OR BSL-1.0)"}')
    assert archive_licences([*texts, package]).of("p/a.js") == "(MPL-2.0 OR BSL-1.0) AND CC0-1.0"


DEBIAN = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: A
License: GPL-2+

Files: lib/*
Copyright: B
License: Expat
"""


def test_debians_list_of_files_counts_before_licence_files_above() -> None:
    licences = archive_licences([("p/debian/copyright", DEBIAN), ("p/COPYING", "CC0 1.0 Universal")])
    assert licences.of("p/a.c") == "GPL-2.0-or-later" and licences.of("p/lib/a.c") == "MIT"
    assert licences.of("p/a.c", "ISC") == "ISC"


def test_a_list_that_calls_a_file_permissive_does_not_stand_against_a_nearer_text() -> None:
    gpl = ("p/lib/COPYING", "GNU GENERAL PUBLIC LICENSE Version 3, 29 June 2007")
    licences = archive_licences([("p/debian/copyright", DEBIAN), gpl])
    assert licences.of("p/lib/a.c") == "GPL-3.0-only"


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("JSZip is dual licensed. At your choice you may use it under the MIT license *or* the GPLv3 license.",
         "GPL-3.0-only OR MIT"),
        ("Licensed under either of Apache License, Version 2.0 or MIT license at your option.", "Apache-2.0 OR MIT"),
        ("Use it under the terms of either the BSD License or the GNU General Public License (GPL) Version 2.",
         "BSD-3-Clause OR GPL-2.0-only"),
        ("either version 2 of the GNU General Public License, or (at your option) any later version", None),
        ("This is under the MIT license and the Apache license.", None),
    ],
)  # fmt: skip
def test_a_choice_that_a_text_offers(text: str, licence: str | None) -> None:
    assert offered_choice(text, None) == licence
