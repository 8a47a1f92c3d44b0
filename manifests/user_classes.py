"""Classes of the user's own, which a recipe names as `module:Class`: found, looked over, and known by their code.

What is wrong with one is said with the user's own file and line: a module that is not there or cannot be imported, a
class of another name or kind, a method that is missing, misspelt, asynchronous or of other parameters.
"""

import ast
import difflib
import hashlib
import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from manifests.errors import UserError

Made = TypeVar("Made")

LEAST_LIKE = 0.6
"""How alike two names must be for one to be offered for the other."""


def shown(path: str | None) -> str:
    """A file as its author knows it: relative to the current folder where it lies below."""
    if path is None:
        return "?"
    try:
        return str(Path(path).resolve().relative_to(Path.cwd().resolve()))
    except ValueError:
        return path


def place_of(thing: Any) -> str:
    """`file:line` where a class or function is defined."""
    try:
        return f"{shown(inspect.getsourcefile(thing))}:{inspect.getsourcelines(thing)[1]}"
    except (OSError, TypeError):
        return "?"


def place_in(error: BaseException, file: str | None) -> str:
    """`file:line` of the innermost call that is in `file` (absolute); empty where there is none."""
    found = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return f"{shown(file)}:{found[-1].lineno}" if found else ""


SEARCHED: set[str] = set()
"""Folders that were added to the search for modules."""


def search_in(folder: Path) -> None:
    """Look for users' modules in a folder too, such as the recipe's."""
    place = str(folder.absolute())
    if place not in sys.path:
        sys.path.append(place)
        SEARCHED.add(place)
        importlib.invalidate_caches()


def code_hash(name: str) -> str:
    """The sha256 of the file of `module:Class`; empty for one of our own kinds, whose version their stage knows.

    It belongs to the fingerprint of what the class makes, so that a change of the code is a reason to run it again.
    """
    if ":" not in name:
        return ""
    spec = importlib.util.find_spec(name.partition(":")[0])
    if spec is None or spec.origin is None or not Path(spec.origin).is_file():
        return ""
    return hashlib.sha256(Path(spec.origin).read_bytes()).hexdigest()


def load_class(name: str, expected: type, where: str = "") -> Any:
    """The class that `module:Class` names, a complete subclass of `expected`. `where` (file and key) begins errors.

    The current folder is searched too, and those named by `search_in`; after the libraries, so that nothing of
    theirs is hidden by a file that has the same name.
    """
    try:
        found = _named(name)
        if not issubclass(found, expected):
            base = f"{expected.__module__}:{expected.__name__}"
            raise UserError(f"{place_of(found)}: `{found.__name__}` is not a subclass of {base}")
        _complete(found, expected)
    except UserError as error:
        raise UserError(f"{where}: {error}" if where else str(error)) from None
    return found


def instance_of(name: str, cls: Callable[..., Made], where: str, *arguments: Any, **named: Any) -> Made:
    """An object of the class that `name` stands for. Raises UserError with file and line where a user's cannot be made.

    What goes wrong in a class of our own is a fault of ours and comes out as it is.
    """
    try:
        return cls(*arguments, **named)
    except UserError:
        raise
    except Exception as error:
        if ":" not in name:
            raise
        words = " ".join(f"{type(error).__name__}: {error}".split())
        place = place_in(error, inspect.getsourcefile(cls)) or place_of(cls)
        raise UserError(f"{where}: {place}: {words} (when it is made)") from None


def _named(name: str) -> type:
    module_name, colon, class_name = name.partition(":")
    if not colon or not class_name or not module_name:
        raise UserError(_without_class(name))
    if module_name.endswith(".py") or "/" in module_name:
        raise UserError(f"{name}: expected module:Class; for a file write `{Path(module_name).stem}:{class_name}`")
    search_in(Path.cwd())
    module = _module(module_name)
    found = getattr(module, class_name, None)
    if not isinstance(found, type):
        file = shown(getattr(module, "__file__", None))
        if found is not None:
            raise UserError(f"{file}: `{class_name}` is a {type(found).__name__}; expected a class")
        raise UserError(f"{file}: no class `{class_name}`{_classes_of(module, class_name)}")
    return found


def _module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except SyntaxError as error:
        raise UserError(f"{shown(error.filename)}:{error.lineno}: {error.msg}") from None
    except ModuleNotFoundError as error:
        if error.name != name.partition(".")[0]:
            raise UserError(f"{_importing(error, name)}: imports `{error.name}`, which is not installed") from None
        near = difflib.get_close_matches(name, [path.stem for path in Path.cwd().glob("*.py")], 1, LEAST_LIKE)
        hint = (
            f"; did you mean `{near[0]}`?" if near else f"; expected {name}.py in {Path.cwd()} or an installed module"
        )
        raise UserError(f"{name}: there is no such module{hint}") from None
    except Exception as error:  # whatever a user's module does when it is imported
        words = " ".join(f"{type(error).__name__}: {error}".split())
        raise UserError(f"{_importing(error, name)}: {words} (when it is imported)") from None
    except SystemExit as error:
        raise UserError(
            f"{_importing(error, name)}: ends the program when it is imported (exit {error.code})"
        ) from None


def _importing(error: BaseException, name: str) -> str:
    """Where in the user's file an import failed."""
    ours = (str(Path(importlib.__file__ or "").parent), "<frozen", __file__, sys.prefix, sys.base_prefix)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(ours)]
    return f"{shown(frames[-1].filename)}:{frames[-1].lineno}" if frames else name


def _without_class(name: str) -> str:
    """What to say of a name without a class: `module:Class` with those that the module defines, where it is at hand."""
    stem = name.rstrip(":").removesuffix(".py").replace("/", ".")
    for module, file in ((stem, Path(f"{stem}.py")), (stem.rpartition(".")[0], Path(f"{stem.rpartition('.')[0]}.py"))):
        if module and file.is_file():
            try:
                tree = ast.parse(file.read_text(encoding="utf-8"))
            except (SyntaxError, ValueError):
                continue
            classes = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
            if classes:
                return f"{name}: expected module:Class; did you mean `{module}:{classes[0]}`?"
    return f"{name}: expected module:Class, such as notes_source:NotesSource"


def _classes_of(module: ModuleType, name: str) -> str:
    """The nearest class that a module defines, as a question; else all of them."""
    own = [
        key for key, value in vars(module).items() if isinstance(value, type) and value.__module__ == module.__name__
    ]
    near = difflib.get_close_matches(name, own, 1, LEAST_LIKE) or (own if len(own) == 1 else [])
    if near:
        return f"; did you mean `{near[0]}`?"
    return f"; it defines {', '.join(f'`{key}`' for key in own)}" if own else "; it defines none"


def _complete(cls: type, expected: type) -> None:
    """Raises UserError where a method of `expected` is missing, misspelt, asynchronous, or of other parameters."""
    promised = sorted(getattr(expected, "__abstractmethods__", ()))
    own = [key for key, value in vars(cls).items() if callable(value) and not key.startswith("__")]
    for name in promised:
        if name in getattr(cls, "__abstractmethods__", ()):
            near = difflib.get_close_matches(name, [key for key in own if key not in promised], 1, LEAST_LIKE)
            where = place_of(vars(cls)[near[0]]) if near else place_of(cls)
            hint = f"; is `{near[0]}` meant to be it?" if near else ""
            raise UserError(f"{where}: `{cls.__name__}` lacks the method `{name}`{hint}")
        method = inspect.getattr_static(cls, name)
        if not callable(getattr(cls, name)):
            raise UserError(f"{place_of(cls)}: `{cls.__name__}.{name}` is a {type(method).__name__}; expected a method")
        if inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method):
            raise UserError(f"{place_of(method)}: `{cls.__name__}.{name}` is `async`; expected a plain method")
        if not inspect.isfunction(method):
            continue
        right = inspect.signature(getattr(expected, name)).parameters
        try:
            inspect.signature(method).bind(*right)
        except TypeError:
            written = ", ".join(inspect.signature(method).parameters)
            words = f"`{cls.__name__}.{name}({written})`; expected `{name}({', '.join(right)})`"
            raise UserError(f"{place_of(method)}: {words}") from None
