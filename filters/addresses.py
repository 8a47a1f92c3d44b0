"""One address however it is written, so that captures of the same page can be told.

Kept apart are addresses that differ in path or query: what a server makes of them is its own affair. Taken together
are http and https, letters of either case in the host (RFC 3986, 3.2.2), the default port (3.2.3), an empty path and
`/` (6.2.3), and any fragment, which never reaches the server (3.5).
"""

from urllib.parse import urlsplit

_PORTS = (":80", ":443")


def address_key(url: str) -> str | None:
    """The form in which equal addresses are equal; None for what is no address of the web."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    host = parts.netloc.rpartition("@")[2].lower().rstrip(".")
    for port in _PORTS:
        host = host.removesuffix(port)
    query = f"?{parts.query}" if parts.query else ""
    return f"{host}{parts.path or '/'}{query}"
