"""The scores there are, by the kind that a recipe names."""

from manifests.kinds import Kinds

SCORES = Kinds(
    {
        "language": "filters.language:LanguageScorer",
        "math_score": "filters.mathscore:MathScorer",
        "perplexity": "filters.perplexity:PerplexityScorer",
    },
    object,
)
