"""What is wrong with a file of a user's, a line for each mistake: file, line, key and what was expected.

A person who mends a recipe wants to hear of all its mistakes at once. Checks add theirs to a `Mistakes`; the words of
the validator, which speak of Python's types, are put into the user's.
"""

import contextlib
import difflib
import re
import typing
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import yaml
from pydantic import BaseModel, ValidationError
from yaml.constructor import SafeConstructor
from yaml.reader import ReaderError

from manifests.errors import UserError

Place = tuple[int | str, ...]
"""Where a value stands in a file: the keys and positions that lead to it."""


class Disagreement(NamedTuple):
    """Two keys that do not fit: where, why, and the name that one of them looks for (none: empty)."""

    place: Place
    message: str
    about: str = ""


class Disagreements(ValueError):
    """Raised by a model whose keys are each sound and do not fit together."""

    def __init__(self, found: Sequence[Disagreement]) -> None:
        super().__init__("; ".join(f"{_key(one.place)}: {one.message}" for one in found))
        self.found = tuple(found)


class Mistakes:
    """Collects the errors of several checks, to be raised as one with a line for each."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.noted = 0

    @contextlib.contextmanager
    def noting(self) -> Iterator[None]:
        """Note a UserError of the block and go on behind it."""
        try:
            yield
        except UserError as error:
            self.add(str(error))

    def add(self, lines: str) -> None:
        """Add what one check has to say; what was said before is not said again, but counts in `noted`."""
        self.noted += 1
        self.lines += [line for line in lines.split("\n") if line not in self.lines]

    def settle(self) -> None:
        """Raise UserError if there was any mistake."""
        if self.lines:
            raise UserError("\n".join(self.lines))


_HALF = re.compile("[\\ud800-\\udfff]")
_NUMBERS = frozenset({"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"})
_MERGE = "tag:yaml.org,2002:merge"
"""Of the key `<<`, which takes over another mapping's keys."""
_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+$")


class Lines:
    """Knows in which line of a YAML file a key stands."""

    def __init__(self, tree: yaml.Node | None) -> None:
        self.tree = tree

    def of(self, place: Sequence[int | str]) -> int:
        """The line (from 1) of the value or key at `place`; of the nearest parent that is there; 0 if unknown.

        A part of a list may also be named by its `name`, as `sources.papers` is.
        """
        node, line = self.tree, 0
        for part in place:
            if isinstance(node, yaml.MappingNode):
                pair = next(((key, value) for key, value in node.value if key.value == str(part)), None)
                if pair is None:
                    return line
                node, line = pair[1], pair[0].start_mark.line + 1
            elif isinstance(node, yaml.SequenceNode):
                inner = _item(node, str(part))
                if inner is None:
                    return line
                node, line = inner, inner.start_mark.line + 1
            else:
                return line
        return line

    def located(self, line: str, file: str) -> str:
        """A line of the form `FILE: KEY: …` with the number of the key's line behind the file, where there is one."""
        if not line.startswith(f"{file}: "):
            return line
        key, colon, _ = line[len(file) + 2 :].partition(": ")
        number = self.of(key.split(".")) if colon else 0
        return f"{file}:{number}{line[len(file) :]}" if number else line

    def doubled(self, file: str) -> Iterator[str]:
        """A line for each key that a mapping has twice: the YAML library takes the last and says nothing."""
        for node in self._nodes():
            if isinstance(node, yaml.MappingNode):
                first: dict[str, int] = {}
                for key, _ in node.value:
                    line = key.start_mark.line + 1
                    if isinstance(key, yaml.ScalarNode) and key.value != "<<" and key.value in first:
                        yield f"{file}:{line}: {key.value}: this key stands in line {first[key.value]} already"
                    if isinstance(key, yaml.ScalarNode):
                        first.setdefault(key.value, line)

    def halves(self, file: str) -> Iterator[str]:
        """A line for each text with half of a character (`"\\ud800"`), which YAML can write and no file can hold."""
        for node in self._nodes():
            if isinstance(node, yaml.ScalarNode) and (half := _HALF.search(node.value)):
                line, code = node.start_mark.line + 1, ord(half.group())
                yield f"{file}:{line}: U+{code:04X} in this text is half of a character; expected whole ones"

    def unreadable(self, file: str) -> Iterator[str]:
        """A line for each value that YAML has no meaning for: a date that there is not, a tag, a list for a key."""
        for node in self._nodes():
            if node is None or node.tag == _MERGE:
                continue
            try:
                if isinstance(node, yaml.ScalarNode):
                    SafeConstructor().construct_object(node)
                elif node.tag not in SafeConstructor.yaml_constructors:
                    raise ValueError(f"the tag {node.tag} is not known")
            except (yaml.YAMLError, ValueError) as error:
                said = error.problem if isinstance(error, yaml.MarkedYAMLError) else str(error)
                shown = f"`{str(node.value)[:40]}`: " if isinstance(node, yaml.ScalarNode) else ""
                yield f"{file}:{node.start_mark.line + 1}: not valid YAML: {shown}{said}"
            for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
                if not isinstance(key, yaml.ScalarNode):
                    yield f"{file}:{key.start_mark.line + 1}: a list or a mapping stands for a key; expected a name"

    def odd_numbers(self, file: str) -> Iterator[str]:
        """A line for each number that YAML takes for another than it looks: `1:30` for 90, `017` for 15."""
        for node in self._nodes():
            if isinstance(node, yaml.ScalarNode) and node.style is None and node.tag in _NUMBERS:
                value = SafeConstructor().construct_object(node)
                if ":" in node.value or (_LEADING_ZERO.match(node.value) and float(node.value) != value):
                    line, expected = node.start_mark.line + 1, "expected a plain number, or a text in quotes"
                    yield f"{file}:{line}: `{node.value[:80]}` is {str(value)[:40]} to YAML; {expected}"

    def written(self, place: Sequence[int | str]) -> str | None:
        """How the plain value at `place` is written, which YAML may have taken for a date, a switch or a number."""
        node: yaml.Node | None = self.tree
        for part in place:
            if isinstance(node, yaml.MappingNode):
                node = next((value for key, value in node.value if key.value == str(part)), None)
            elif isinstance(node, yaml.SequenceNode):
                node = _item(node, str(part))
            else:
                return None
        return node.value if isinstance(node, yaml.ScalarNode) and node.style is None else None

    def _nodes(self) -> Iterator[yaml.Node | None]:
        """All nodes, each once."""
        waiting, seen = [self.tree], set[int]()
        while waiting:
            node = waiting.pop()
            if id(node) in seen:  # an alias leads back to what was looked at
                continue
            seen.add(id(node))
            yield node
            if isinstance(node, yaml.MappingNode):
                waiting.extend(part for pair in node.value for part in pair)
            elif isinstance(node, yaml.SequenceNode):
                waiting.extend(node.value)


def _item(node: yaml.SequenceNode, part: str) -> yaml.Node | None:
    """The part of a list at a position or of a name."""
    if part.isdecimal():
        return node.value[int(part)] if int(part) < len(node.value) else None
    for item in node.value:
        if isinstance(item, yaml.MappingNode) and any(k.value == "name" and v.value == part for k, v in item.value):
            found: yaml.Node = item
            return found
    return None


def no_yaml(error: Exception, text: str, file: str) -> str:
    """The line for a text that is no YAML, with its line where the library tells."""
    mark = getattr(error, "problem_mark", None)
    at = text.count("\n", 0, error.position) if isinstance(error, ReaderError) else mark.line if mark else None
    said = error.problem if isinstance(error, yaml.MarkedYAMLError) else str(error).partition(' in "')[0]
    return f"{file}{'' if at is None else f':{at + 1}'}: not valid YAML: {' '.join(str(said).split())[:200]}"


class Mistake(NamedTuple):
    """One thing that a validator found: where it is, the line that tells it, and the name it is about."""

    place: Place
    line: str
    about: str = ""


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys a user may write for a model."""
    return [field.alias or key for key, field in model.model_fields.items()]


def explain(error: ValidationError, file: str, model: type[BaseModel], lines: Lines | None = None) -> str:
    """All that a validation found, a line for each mistake."""
    found = Mistakes()
    for mistake in mistakes(error, file, model, lines):
        found.add(mistake.line)
    return "\n".join(found.lines)


def mistakes(
    error: ValidationError, file: str, model: type[BaseModel], lines: Lines | None = None
) -> Iterator[Mistake]:
    """What a validation found, in the order of the model's keys."""
    lines = lines or Lines(None)
    errors = [(_place(one["loc"]), one) for one in error.errors(include_url=False)]
    for place, one in errors:
        below = (deeper for deeper, _ in errors if deeper != place and deeper[: len(place)] == place)
        if one["type"] == "too_short" and any(below):
            continue  # the validator does not count an entry with a mistake, which is told by itself
        cause = one.get("ctx", {}).get("error")
        if isinstance(cause, Disagreements):
            for fault in cause.found:
                whole = (*place, *fault.place)
                yield Mistake(whole, f"{_where(file, lines, whole)}: {_key(whole)}: {fault.message}", fault.about)
        else:
            yield Mistake(place, f"{_where(file, lines, place)}: {_told(dict(one), place, model, lines)}")


def _place(location: Place) -> Place:
    return tuple(part for part in location if not (isinstance(part, str) and part.startswith("function-")))


def _where(file: str, lines: Lines, place: Place) -> str:
    line = lines.of(place)
    return f"{file}:{line}" if line else file


def _key(place: Place) -> str:
    return ".".join(str(part) for part in place)


_EXPECTED = {
    "tuple_type": "expected a list",
    "too_short": "expected a list of at least one entry",
    "dict_type": "expected a mapping of names",
    "model_type": "expected a mapping of keys",
}
"""Said instead of the validator's own words, which speak of Python's types."""


def _told(found: dict[str, Any], place: Place, model: type[BaseModel], lines: Lines) -> str:
    key = _key(place)
    if found["type"] == "extra_forbidden":
        allowed = keys_of(_model_at(model, place[:-1]))
        close = difflib.get_close_matches(str(place[-1]), allowed, 1)
        hint = f"did you mean `{close[0]}`?" if close else f"expected one of {', '.join(allowed)}"
        return f"{key}: unknown key; {hint}"
    if found["type"] == "missing":
        return f"{key}: this key is missing"
    written = lines.written(place) if found["type"] == "string_type" else None
    if written:
        taken = type(found.get("input")).__name__
        named = {"bool": "a switch", "int": "a number", "float": "a number"}.get(taken, "a date")
        return f"{key}: `{written[:80]}` is {named} to YAML; expected a text, in quotes"
    message = _EXPECTED.get(found["type"], str(found["msg"]).removeprefix("Value error, "))
    if not key:
        return message
    got = found.get("input")
    # An address may hold a password or a token, and an error is no place for either.
    told = isinstance(got, str | int | float | bool) and "://" not in str(got)
    shown = f", found {str(got)[:80]!r}" if told and isinstance(got, str) else f", found {got!r}" if told else ""
    return f"{key}: {message[:1].lower() + message[1:]}{shown}"


def switches_for_numbers(data: Any, kind: Any, file: str, lines: Lines, place: Place = ()) -> Iterator[str]:
    """A line for every `yes` or `true` of a file's data where its model (`kind`) has a number, which takes it for 1."""
    if isinstance(data, bool):
        kinds = {kind, *typing.get_args(kind)}
        if kinds & {int, float} and bool not in kinds:
            yield f"{_where(file, lines, place)}: {_key(place)}: expected a number, found {data}"
    elif isinstance(data, dict) and isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = {field.alias or key: field.annotation for key, field in kind.model_fields.items()}
        for key, value in data.items():
            yield from switches_for_numbers(value, fields.get(key), file, lines, (*place, key))
    elif isinstance(data, dict | list) and typing.get_args(kind):
        # Where nothing is known of the kind, nothing is looked at: aliases can lead back, or multiply without bound.
        inner = _inner_model(kind) or next(iter(typing.get_args(kind)[-1:]), None)
        if isinstance(inner, type) and isinstance(data, dict) and typing.get_origin(kind) is not dict:
            yield from switches_for_numbers(data, inner, file, lines, place)  # a section that may be left out
            return
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from switches_for_numbers(value, inner, file, lines, (*place, key))


def _model_at(model: type[BaseModel], place: Place) -> type[BaseModel]:
    """The model that checks the mapping at `place`."""
    current: Any = model
    for part in place:
        if isinstance(part, int):
            continue
        fields = getattr(current, "model_fields", {})
        named = {field.alias or key: field for key, field in fields.items()}
        if part in named:
            inner = _inner_model(named[part].annotation)
            current = inner or current
    return current if isinstance(current, type) and issubclass(current, BaseModel) else model


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _inner_model(argument)
        if found is not None:
            return found
    return None
