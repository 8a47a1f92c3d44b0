"""The edits there are, by the kind that a recipe names."""

from filters.edits.base import Edit
from manifests.kinds import Kinds

EDITS = Kinds({"personal_data": "filters.edits.personal_data:PersonalData"}, Edit)
