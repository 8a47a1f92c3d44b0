"""What a recipe would do: the checks before any work, and the plan that `--dry-run` prints."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dedup.methods import make_method
from filters.registry import SCORES
from manifests.errors import UserError
from manifests.mistakes import Mistakes
from manifests.recipe import BrokenRecipe, Input, Recipe, SourceEntry, lines_of, load_recipe, read_text
from manifests.user_classes import search_in
from pipelines.corpus.folder import public
from pipelines.fetching.address import parse
from pipelines.fetching.redaction import shown
from pipelines.sources.base import Source
from pipelines.sources.registry import make_source
from pipelines.stages import at_hand
from pipelines.stages.editing import make_edits
from pipelines.stages.scoring import kind_scores, make_scorer, scores_of

_COMMIT = re.compile(r"[0-9a-f]{40}")
_NOWHERE = Path("unfetched")


def read(path: Path, fraction: float | None = None) -> Recipe:
    """A recipe from its file, checked with all that is at hand; `fraction` stands for its own.

    Raises UserError with a line for each mistake, which names the file, the line, the key and what was expected.
    """
    where = str(path)
    mistakes = Mistakes()
    recipe: Recipe | None = None
    follows: tuple[str, ...] = ()
    try:
        recipe = load_recipe(path)
    except BrokenRecipe as error:
        mistakes.add(str(error))
        recipe = error.rest
        # A score that lost its model or an option is not what its author wrote.
        follows = tuple(
            f"{where}: scores.{place[1]}: " for place in error.without if place[0] == "scores" and len(place) > 1
        )
    folder = path.resolve().parent
    search_in(folder)
    if recipe is not None:
        if fraction is not None:
            recipe = recipe.model_copy(update={"fraction": fraction})
        found = Mistakes()
        look(recipe, where, found, folder)
        if found.lines:
            lines = lines_of(read_text(path), where)
            for line in found.lines:
                if not line.startswith(follows):
                    mistakes.add(lines.located(line, where))
    mistakes.settle()
    assert recipe is not None  # a recipe of which nothing is left has mistakes
    return recipe


def check(recipe: Recipe, where: str, folder: Path | None = None) -> None:
    """Check what the recipe's model cannot: addresses, kinds, options of sources and scorers.

    With `folder`, where relative paths begin, the input on this machine is looked at too. Raises UserError naming file
    and key, a line for each mistake. Nothing is fetched.
    """
    mistakes = Mistakes()
    look(recipe, where, mistakes, folder)
    mistakes.settle()


def look(recipe: Recipe, where: str, mistakes: Mistakes, folder: Path | None) -> None:
    """Add to `mistakes` whatever `check` would raise."""
    if recipe.dedup is not None:
        try:
            make_method(recipe.dedup)
        except UserError as error:
            mistakes.add(f"{where}: {error}")
    assets = dict.fromkeys(recipe.assets, _NOWHERE)
    for name, asset in recipe.assets.items():
        with mistakes.noting():
            check_address(asset.address, f"{where}: assets.{name}.from")
    named: dict[str, frozenset[str] | None] = {}
    for name, score in recipe.scores.items():
        named[name] = kind_scores(score.kind) if score.kind in SCORES.names else None
        with mistakes.noting():
            named[name] = scores_of(make_scorer(name, score, assets, recipe.rules, where))
    for number, entry in enumerate(recipe.sources):
        key = f"{where}: sources.{entry.name}"
        with mistakes.noting():
            make_edits(entry, entry.rules or recipe.rules, where)
        for position, item in enumerate(entry.inputs):
            with mistakes.noting():
                check_address(item.address, f"{key}.inputs.{position}")
        with mistakes.noting():
            source = make_source(entry, recipe.rules, assets, where)
            for position, item in enumerate(entry.inputs):
                check_index(item, source, f"{key}.inputs.{position}")
                check_search(item, entry, f"{key}.inputs.{position}")
            given = [source.gives(), *(named[name] for name in entry.scores)]
            for line in threshold_mistakes(entry, f"{where}: sources.{number}", given):
                mistakes.add(line)
    if folder is not None:
        at_hand.check(recipe, where, folder, mistakes)
    _quality(recipe, where, named, mistakes)


def _quality(recipe: Recipe, where: str, named: Mapping[str, frozenset[str] | None], mistakes: Mistakes) -> None:
    """A score by which documents survive must be one that some source has."""
    quality = recipe.dedup.quality if recipe.dedup else None
    given: set[str] = set()
    for entry in recipe.sources:
        try:
            own = make_source(entry, recipe.rules, {}, where).gives()
        except UserError:
            return
        scores = [own, *(named[name] for name in entry.scores)]
        if quality is None or None in scores:
            return
        given = given.union(*(names or () for names in scores))
    if quality is not None and quality not in given:
        there = ", ".join(sorted(given)) or "none"
        mistakes.add(f"{where}: dedup.quality: nothing computes `{quality}`; scores that are computed: {there}")


def threshold_mistakes(entry: SourceEntry, where: str, given: Sequence[frozenset[str] | None]) -> Iterator[str]:
    """A line for every score that a threshold asks for and nobody computes: such a threshold would keep everything.

    `given` holds the names of scores of the source and of each of its scorers, None for one that cannot tell. The line
    names the key and the nearest name.
    """
    if None in given:
        return
    known = {name for names in given for name in names or ()}
    for number, threshold in enumerate(entry.filters):
        places = [("score", threshold.score)]
        places += [(f"when.{at}.score", bound.score) for at, bound in enumerate(threshold.when)]
        for key, score in places:
            if score in known:
                continue
            place = f"{where}.filters.{number}.{key}"
            kind = next((kind for kind in SCORES.names if score in (kind_scores(kind) or ())), None)
            if kind is not None:
                yield f"{place}: nothing computes `{score}` here; expected a score of kind {kind} in `scores`"
                continue
            every = known.union(*(kind_scores(kind) or frozenset() for kind in SCORES.names))
            close = difflib.get_close_matches(score, sorted(every), 1)
            computed = f"expected one of {', '.join(sorted(known))}" if known else "no score is computed here"
            hint = f"did you mean `{close[0]}`?" if close else computed
            yield f"{place}: nothing computes `{score}`; {hint}"


def check_address(address: str, where: str) -> None:
    """Check an address's form. Raises UserError naming the key."""
    try:
        parse(address)
    except UserError as error:
        raise UserError(f"{where}: {error}") from None


def check_index(item: Input, source: Source, where: str) -> None:
    """Check an input that is an index, and that the source reads records by index. Raises UserError naming the key."""
    if item.index is None:
        if item.addresses:
            raise UserError(f"{where}.addresses: lists of addresses need an index; expected the key index beside them")
        return
    check_address(item.index, f"{where}.index")
    for number, address in enumerate(item.addresses):
        check_address(address, f"{where}.addresses.{number}")
    if shown(item.index) != item.index:
        raise UserError(f"{where}.index: expected an address without credentials: it goes into the corpus")
    if not source.by_index:
        raise UserError(f"{where}.index: a source of kind {source.kind} reads no records by index; expected kind web")


def check_search(item: Input, entry: SourceEntry, where: str) -> None:
    """Check an input that is a search, which only workers may fetch. Raises UserError naming the key."""
    try:
        address = parse(item.address)
    except UserError:
        return  # told already
    if address.scheme == "github" and address.place.startswith("language:") and entry.keep_raw:
        raise UserError(f"{where}: what a search finds may be gone when it is fetched; expected keep_raw: false")


def describe(recipe: Recipe, path: Path) -> str:
    """The plan as text: stages, inputs, what is pinned, what each threshold asks."""
    from pipelines.stages import budget

    folder = path.resolve().parent
    lines = [
        f"recipe    {recipe.name} ({path}), rules {recipe.rules}, sha256 {public(recipe).sha256[:16]}…",
        f"fraction  {recipe.fraction:g} of every source's raw files, seed {recipe.seed}",
        "",
        "fetch",
    ]
    for name, asset in recipe.assets.items():
        lines.append(f"  asset   {name}: {parse(asset.address)}{_pin(asset.address, asset.sha256)}")
    for entry in recipe.sources:
        for item in entry.inputs:
            share = recipe.fraction if item.fraction is None else item.fraction
            part = "" if share == 1 else f", {share:g} of the files"
            here = list(budget.files_here(item.address, folder)) if parse(item.address).scheme == "local" else None
            known = part + _sizes(here) + _pin(item.address, item.sha256)
            lines.append(f"  source  {entry.name}: {parse(item.address)}{known}")
        if entry.size:
            lines.append(f"          {entry.name}: {entry.size}")
    lines.append("extract")
    for entry in recipe.sources:
        about = [f"kind {entry.kind}", f"rules {entry.rules or recipe.rules}"]
        about += [f"licence {entry.licence}"] if entry.licence else []
        about += [f"cutoff {entry.cutoff}"] if entry.cutoff else []
        about += [f"edits {', '.join(edit.kind for edit in entry.edits)}"] if entry.edits else []
        about += [f"scores {', '.join(entry.scores)}"] if entry.scores else []
        about += [] if entry.keep_raw else ["raw files are not kept"]
        lines.append(f"  {entry.name}: {'; '.join(about)}")
    lines.append("filter")
    for entry in recipe.sources:
        for threshold in entry.filters:
            text = threshold.model_dump_json(exclude_none=True, exclude_defaults=True)
            lines.append(f"  {entry.name}: {text}")
    for stage, settings in (("dedup", recipe.dedup), ("audit", recipe.overlap), ("shard", recipe.shards)):
        lines.append(stage)
        if settings is None:
            lines.append("  not asked for")
            continue
        for key, value in settings.model_dump(mode="json", exclude_none=True).items():
            lines.append(f"  {key}: {value}")
    return "\n".join([*lines, *budget.lines(recipe, folder)])


def _sizes(files: Sequence[Path] | None) -> str:
    """How much there is of input on this machine."""
    return "" if files is None else f", {len(files):,} files, {sum(path.stat().st_size for path in files):,} bytes"


def _pin(address: str, sha256: str | None) -> str:
    """By what an input is pinned."""
    parsed = parse(address)
    sha256 = sha256 or parsed.get("sha256")
    if sha256:
        return f" (sha256 {sha256[:16]}…)"
    if parsed.scheme in {"hf", "github", "git"} and parsed.choice and _COMMIT.fullmatch(parsed.choice):
        return " (pinned by commit)"
    return " (not pinned)"
