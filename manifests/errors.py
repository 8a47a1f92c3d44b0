"""The errors a person is meant to read.

Anything else that reaches the command line is a bug and keeps its traceback. A `UserError` is a mistake that the
user can mend (exit code 2); a `Fault` is something that broke although the request was sound (exit code 1). Both
carry one line that names the file and the key and says what was expected.
"""


class ProofpileError(Exception):
    """One clear line for a person; `exit_code` is what the command line ends with."""

    exit_code = 1


class UserError(ProofpileError):
    """The request cannot be carried out as it stands: unknown key, missing file, a different checksum."""

    exit_code = 2


class Fault(ProofpileError):
    """The request was sound but something failed: network, full disk, too many bad records."""


class Described(ProofpileError):
    """What was to be done has been written down, as was asked; none of it was done."""

    exit_code = 0


class Damaged(Fault):
    """A file does not hold the bytes any more that were recorded of it, so that nothing may be made from it."""
