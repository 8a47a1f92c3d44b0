"""Papers in old encodings, made from real texts: how many come out as they were written.

    python -m tests.benchmarks.paper_encodings FOLDER [--files 3000] [--seed 1]

FOLDER holds a UTF-8 text for each language, a paragraph a line: `fr.txt`, `ru.txt`, `zh.txt`… (`ENCODINGS` names them).
Each file is English LaTeX with one to thirty of the paragraphs, in one of the language's encodings; it declares this to
inputenc, in a CJK environment or to XeTeX, declares UTF-8 wrongly, or declares nothing. Paragraphs of every second page
of the manual pages of Debian have a part in the shares of letters that the product knows: take others.
"""

import argparse
import random
import unicodedata
from collections import Counter
from pathlib import Path

from pipelines.extraction.latex.decoding import decode

WESTERN = ("latin-1", "mac-roman", "cp850", "cp437")
ENCODINGS = {
    "fr": (*WESTERN, "iso8859-15"),
    "de": WESTERN,
    "it": WESTERN,
    "es": WESTERN[:3],
    "pt": WESTERN[:3],
    "sv": WESTERN[:3],
    "da": WESTERN[:3],
    "nl": ("latin-1",),
    "fi": ("latin-1",),
    "nb": ("latin-1",),
    "pl": ("iso8859-2", "cp1250", "cp852"),
    "cs": ("iso8859-2", "cp1250", "mac-latin2"),
    "hu": ("iso8859-2", "cp1250"),
    "ro": ("iso8859-2", "cp1250"),
    "ru": ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic"),
    "uk": ("cp1251", "koi8-u"),
    "sr": ("cp1251", "iso8859-5"),
    "el": ("cp1253", "iso8859-7"),
    "tr": ("iso8859-9", "cp1254"),
    "zh": ("gb2312", "gbk", "gb18030"),
    "tw": ("big5",),
    "ja": ("shift_jis", "euc_jp", "iso2022_jp"),
    "ko": ("euc_kr", "cp949"),
}
INPUTENC = {
    "latin-1": "latin1", "mac-roman": "applemac", "cp850": "cp850", "cp437": "cp437", "iso8859-15": "latin9",
    "iso8859-2": "latin2", "cp1250": "cp1250", "cp852": "cp852", "mac-latin2": "macce", "cp1251": "cp1251",
    "koi8-r": "koi8-r", "koi8-u": "koi8-u", "cp866": "cp866", "iso8859-5": "iso88595", "mac-cyrillic": "maccyr",
    "iso8859-7": "iso-8859-7", "cp1253": "cp1253", "iso8859-9": "latin5", "cp1254": "cp1254",
}  # fmt: skip
CJK = {
    "gb2312": "GB",
    "gbk": "GBK",
    "gb18030": "GBK",
    "big5": "Bg5",
    "shift_jis": "SJIS",
    "euc_jp": "JIS",
    "euc_kr": "KS",
}
XETEX = {"cp1251": "cp1251", "koi8-r": "koi8-r", "gbk": "GBK", "big5": "Big5", "shift_jis": "sjis", "cp1250": "cp1250"}
ENGLISH = (
    "Let $x\\in X$ be given, see \\cite{a} and equation~\\eqref{b}. The proof is standard; we omit it.\n",
    "\\begin{equation}\\label{b} \\int_0^1 f(x)\\,dx = \\alpha \\end{equation}\n",
    "\\section{Introduction}\nThe author thanks the referee.\n",
)
SAME = str.maketrans("～∥－", "〜‖−")
"""Signs that two codecs of one encoding write differently."""


def written(text: str, codec: str) -> str:
    """The part of a text that an encoding can write."""
    return "".join(letter for letter in text if letter >= " " and letter.encode(codec, "ignore"))


def made(chance: random.Random, paragraphs: list[str], codec: str) -> tuple[str, str]:
    """A paper in LaTeX, and how it declares its encoding."""
    count = chance.choice((1, 1, 2, 3, 6, 12, 30))
    body = ""
    for _ in range(count):
        words = written(unicodedata.normalize("NFC", chance.choice(paragraphs)), codec)
        body += "".join(chance.choices(ENGLISH, k=chance.randrange(4))) + words + "\n"
    how = chance.choice(("none", "none", "none", "inputenc", "CJK", "XeTeX", "wrong"))
    head = ""
    if how == "inputenc" and codec in INPUTENC:
        head = f"\\usepackage[{INPUTENC[codec]}]{{inputenc}}\n"
    elif how == "CJK" and codec in CJK:
        body = f"\\begin{{CJK*}}{{{CJK[codec]}}}{{song}}\n{body}\\end{{CJK*}}\n"
    elif how == "XeTeX" and codec in XETEX:
        head = f'\\XeTeXinputencoding "{XETEX[codec]}"\n'
    elif how == "wrong":
        head = "\\usepackage[utf8]{inputenc}\n"
    else:
        how = "none"
    return f"\\documentclass{{article}}\n{head}\\begin{{document}}\n{body}\\end{{document}}\n", how


def judged(folder: Path, files: int, seed: int = 1) -> tuple[Counter[str], Counter[str]]:
    """How many of so many files come out as they were written, by encoding and declaration, and how many there are."""
    texts = {
        language: path.read_text(encoding="utf-8").splitlines()
        for language in ENCODINGS
        if (path := folder / f"{language}.txt").is_file()
    }
    chance = random.Random(seed)
    pairs = [(language, codec) for language in texts for codec in ENCODINGS[language]]
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    while pairs and total.total() < files:
        language, codec = pairs[total.total() % len(pairs)]
        text, how = made(chance, texts[language], codec)
        if text.isascii():
            continue
        total[f"{codec}, declared: {how}"] += 1
        right[f"{codec}, declared: {how}"] += decode(text.encode(codec)).translate(SAME) == text.translate(SAME)
    return right, total


def main() -> None:
    """Print the share that comes out right, by encoding and in all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="texts, a language each")
    parser.add_argument("--files", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    right, total = judged(arguments.folder, arguments.files, arguments.seed)
    if not total:
        parser.error(f"{arguments.folder} holds none of {', '.join(f'{name}.txt' for name in ENCODINGS)}")
    for name in sorted(total):
        print(f"{name}: {right[name]} of {total[name]}")
    print(f"in all: {right.total()} of {total.total()}, {right.total() / total.total():.4f}")


if __name__ == "__main__":
    main()
