"""Takes images, videos, scripts and frames out of Markdown, as the published patterns do but in linear time.

Source: `markdown_image_rexp`, `html_image_rexp` and `html_other_rexp` in process_stack.py (EleutherAI/math-lm). Those
patterns start a new scan to the end of the text at every `![`, `<img` or `<script` that is never closed. The functions
here remove exactly what the patterns match, and remember what they have already looked for in vain.
"""

import re

_TAGGED = ("video", "script", "iframe")
_TAG_START = re.compile("<(?:" + "|".join(_TAGGED) + ")")


def without_image_tags(text: str) -> str:
    """`text` without every match of `<img[^>]*>`."""
    kept: list[str] = []
    position = 0
    while (start := text.find("<img", position)) >= 0:
        end = text.find(">", start)
        if end < 0:
            break
        kept.append(text[position:start])
        position = end + 1
    kept.append(text[position:])
    return "".join(kept)


def without_tagged_html(text: str) -> str:
    """`text` without every match of `<video.*?</video>|<script.*?</script>|<iframe.*?</iframe>` (`.` any character)."""
    kept: list[str] = []
    position = at = 0
    unclosed: set[str] = set()
    while match := _TAG_START.search(text, at):
        tag = match[0][1:]
        end = -1 if tag in unclosed else text.find(f"</{tag}>", match.end())
        if end < 0:
            unclosed.add(tag)
            at = match.end()
            if len(unclosed) == len(_TAGGED):
                break
            continue
        kept.append(text[position : match.start()])
        position = at = end + len(tag) + 3
    kept.append(text[position:])
    return "".join(kept)


def without_markdown_images(text: str) -> str:
    r"""`text` without every match of `!\[[^\]]*\]\((.*?)(?="|\))(".*")?\)`.

    Read as a person would: `![`, anything to the first `]`, at once `(`; then, on this line, up to the first quote or
    closing bracket. At a bracket the image ends. At a quote it ends behind the last `")` of the line if one follows,
    else at the next bracket.
    """
    kept: list[str] = []
    position = at = 0
    label_end = line_end = last_quoted = no_bracket_before = -1
    while (start := text.find("![", at)) >= 0:
        if label_end < start + 2:
            label_end = text.find("]", start + 2)
            if label_end < 0:
                break
        if not text.startswith("(", label_end + 1):
            at = label_end + 1  # every `![` before this bracket has it as its first
            continue
        inside = label_end + 2
        if line_end < inside:
            line_end = text.find("\n", inside)
            line_end = len(text) if line_end < 0 else line_end
            last_quoted = text.rfind('")', inside, line_end)
        bracket = -1 if inside <= no_bracket_before else text.find(")", inside, line_end)
        if bracket < 0:
            no_bracket_before = line_end
            at = label_end + 1
            continue
        quote = text.find('"', inside, bracket)
        end = last_quoted + 2 if 0 <= quote < last_quoted else bracket + 1
        kept.append(text[position:start])
        position = at = end
    kept.append(text[position:])
    return "".join(kept)
