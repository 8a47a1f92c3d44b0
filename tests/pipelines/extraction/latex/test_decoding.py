"""Files in the encodings of thirty years of TeX come out as their authors wrote them."""

import pytest

from pipelines.extraction.latex.decoding import declared_encoding, decode

CHINESE = "设函数在闭区间上连续，则存在一点使得等式成立。"
TAIWANESE = "本文研究有限群的表示理論，並給出若干應用。"
JAPANESE = "本論文では有限群の表現論について研究し、いくつかの応用を与える。"
KOREAN = "임의의 콤팩트 공간의 연속인 상은 다시 콤팩트이다."
RUSSIAN = "В настоящей работе изучаются представления конечных групп."
GREEK = "Η απόδειξη του θεωρήματος δίνεται στην επόμενη ενότητα."
POLISH = "Dowód twierdzenia znajduje się w następnym rozdziale; jest długi i żmudny."
CZECH = "Nechť je funkce spojitá na uzavřeném intervalu, pak existuje bod."
HUNGARIAN = "Erdős Pál és Szőkefalvi-Nagy Gyula tétele."
FRENCH = "La démonstration du théorème est donnée à la section suivante."
GERMAN = "Der Beweis des Satzes wird im nächsten Abschnitt geführt."
DUTCH = "Bij opties die geïmplementeerd zijn, geldt één coördinatenstelsel; variabelen worden geïnitialiseerd."
ITALIAN = "Se il nome non è né una funzione né un comando, il risultato è vuoto; può essere più lungo."
PORTUGUESE = "A demonstração do teorema não é dada na próxima seção."
UKRAINIAN = "У цій роботі вивчаються зображення скінченних груп та їхні застосування."
ROMANIAN = "În această lucrare studiem reprezentările grupurilor finite şi dăm câteva aplicaţii."
LATVIAN = "Šajā darbā mēs pētām galīgu grupu attēlojumus un dažus to lietojumus."
TURKISH = "Şimdi eşitliği gösterelim; teoremin ispatı bir sonraki bölümde."


def paper(words: str, head: str = "") -> str:
    english = "Let $x\\in X$ be given, see \\cite{a}. The proof is standard.\n"
    return f"\\documentclass{{article}}\n{head}\\begin{{document}}\n{english * 3}{words}\n\\end{{document}}\n"


@pytest.mark.parametrize(
    ("words", "codec"),
    [
        (CHINESE, "gbk"),
        (TAIWANESE, "big5"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "iso2022_jp"),
        (KOREAN, "euc_kr"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "cp866"),
        (RUSSIAN, "iso8859-5"),
        (GREEK, "iso8859-7"),
        (GREEK, "cp1253"),
        (POLISH, "iso8859-2"),
        (POLISH, "cp1250"),
        (CZECH, "iso8859-2"),
        (HUNGARIAN, "iso8859-2"),
        (FRENCH, "latin-1"),
        (FRENCH, "mac-roman"),
        (GERMAN, "latin-1"),
        (GERMAN, "cp850"),
        (TURKISH, "iso8859-9"),
        (DUTCH, "latin-1"),
        (ITALIAN, "cp437"),
        (PORTUGUESE, "mac-roman"),
        (UKRAINIAN, "koi8-u"),
        (ROMANIAN, "cp1250"),
        (LATVIAN, "cp1257"),
        ("Voici un cœur, une œuvre et des nœuds sonnés: un autre cœur, une autre œuvre.", "iso8859-15"),
    ],
)
def test_an_undeclared_encoding_is_told_from_its_letters(words: str, codec: str) -> None:
    assert decode(paper(words).encode(codec)) == paper(words)


@pytest.mark.parametrize(
    ("head", "codec"),
    [
        ("\\usepackage[koi8-r]{inputenc}\n", "koi8-r"),
        ("\\RequirePackage [cp1251] {inputenc}\n", "cp1251"),
        ("%\\usepackage[latin1]{inputenc}\n\\usepackage[cp866]{inputenc}\n", "cp866"),
        ("\\inputencoding{8859-5}\n", "iso8859-5"),
        ('\\XeTeXinputencoding "koi8-r"\n', "koi8-r"),
        ("% !TEX encoding = Windows-1251\n", "cp1251"),
        ("% -*- mode: latex; coding: koi8-r -*-\n", "koi8-r"),
    ],
)
def test_a_file_that_says_its_encoding_is_read_by_it(head: str, codec: str) -> None:
    text = paper("Тест.", head)
    assert decode(text.encode(codec)) == text


@pytest.mark.parametrize(
    ("environment", "codec", "words"),
    [("Bg5", "big5", "文"), ("GBK", "gbk", "文"), ("SJIS", "shift_jis", "表"), ("KS", "euc_kr", "군")],
)
def test_one_character_in_a_cjk_environment_is_enough(environment: str, codec: str, words: str) -> None:
    text = paper(f"\\begin{{CJK*}}{{{environment}}}{{x}}{words}\\end{{CJK*}}")
    assert decode(text.encode(codec)) == text


def test_the_second_byte_of_a_character_is_no_backslash() -> None:
    assert decode(paper("表示能力" + JAPANESE).encode("shift_jis")).count("\\") == paper("").count("\\")


def test_the_declaration_of_the_paper_holds_for_its_chapters() -> None:
    declared = declared_encoding([b"\\usepackage[latin2]{inputenc}"])
    assert declared == "iso8859-2"
    assert decode("¹ ć".replace("¹", "š").encode("iso8859-2"), declared) == "š ć"


def test_a_wrong_declaration_loses_against_text_that_reads_far_better() -> None:
    text = paper(RUSSIAN, "\\usepackage[latin1]{inputenc}\n")
    assert decode(text.encode("cp1251")) == text
    text = paper(CHINESE, "\\usepackage[utf8]{inputenc}\n")
    assert decode(text.encode("gbk")) == text


@pytest.mark.parametrize(
    ("word", "codec"),
    [("Szőkefalvi", "iso8859-2"), ("Gödel", "mac-roman"), ("Hölder", "cp850"), ("geïnvolveerd", "latin-1")],
)
def test_a_declared_encoding_holds_for_a_single_letter(word: str, codec: str) -> None:
    names = {"iso8859-2": "latin2", "mac-roman": "applemac", "cp850": "cp850", "latin-1": "latin1"}
    text = paper(f"By {word} it holds.", f"\\usepackage[{names[codec]}]{{inputenc}}\n")
    assert decode(text.encode(codec)) == text


@pytest.mark.parametrize(
    "parts",
    [
        [
            ("\\usepackage[latin1]{inputenc}\nÉtudié à Orléans. ", "latin-1"),
            ("\\inputencoding{koi8-r}\nТеорема. ", "koi8-r"),
            ("\\inputencoding{latin1}\nDonnée déjà.\n", "latin-1"),
        ],
        [
            ("The name Müller, and\n\\begin{CJK}{GBK}{song}", "latin-1"),
            ("定理的证明\\end{CJK}", "gbk"),
            (" or by Schröder.\n\\begin{CJK*}{Bg5}{min}", "latin-1"),
            ("定理的證明\\end{CJK*}\n", "big5"),
            ("Für die Gäste.", "latin-1"),
        ],
        [
            ('% \\inputencoding{cp866}\nПервая часть. \\XeTeXinputencoding "utf8"\n', "cp1251"),
            ("Вторая часть.\n", "utf-8"),
            ('\\XeTeXinputencoding "cp1251"\nТретья часть.', "cp1251"),
        ],
    ],
    ids=["inputenc", "CJK", "XeTeX"],
)
def test_a_file_may_go_over_to_another_encoding(parts: list[tuple[str, str]]) -> None:
    text = "".join(part for part, _ in parts)
    assert decode(b"".join(part.encode(codec) for part, codec in parts)) == text


def test_a_letter_between_latin_letters_is_no_chinese_or_korean() -> None:
    for word, codec in (("für", "cp850"), ("déjà répété", "mac-roman"), ("är användar", "cp437")):
        text = paper(f"Words {word} here, {word} there.")
        assert decode(text.encode(codec)) == text


def test_utf8_with_a_few_slips_stays_utf8() -> None:
    assert decode("Poincaré, Hölder and Gödel; ".encode() + b"caf\xe9") == "Poincaré, Hölder and Gödel; café"


def test_signs_alone_are_those_of_windows() -> None:
    assert decode(b"Cochran\x92s test, {\\sc X}\xa0further") == "Cochran’s test, {\\sc X}\xa0further"
    assert decode(b"pages 3\x9617, \x93quoted\x94, 5\xb0, \xa7 2") == "pages 3–17, “quoted”, 5°, § 2"


def test_bytes_that_mean_nothing_cost_no_other_character() -> None:
    text = decode(bytes(range(256)) * 50)
    assert "ABCDEFG" in text
    assert "\0" not in text
