"""Line rules."""

from manifests.records import Rules


def clean(text: str, rules: Rules) -> str:
    """`text` without lines of boilerplate."""
    return text
