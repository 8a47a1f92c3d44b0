"""What all tests share: nothing but names of cases that are the same in every process and at every time."""


def pytest_make_parametrize_id(config: object, val: object, argname: str) -> str | None:
    """Name bytes by their length: compressed ones hold the time, and parallel workers must collect the same names."""
    return f"{argname} of {len(val)} bytes" if isinstance(val, bytes) else None
