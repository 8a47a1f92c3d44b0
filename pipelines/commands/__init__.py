"""The subcommands of `proofpile`, one module each: `add(subparsers)` declares it, `run(arguments)` does it."""
