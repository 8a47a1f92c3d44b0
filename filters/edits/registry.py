"""The edits there are, by the kind that a recipe names."""

from collections.abc import Mapping

KINDS: Mapping[str, str] = {
    "personal_data": "filters.edits.personal_data:PersonalData",
}
