"""Small servers in place of the large ones: a Hugging Face hub, a package index and Google's object store."""

import base64
import hashlib
import io
import json
import tarfile
import zipfile
from urllib.parse import quote

from tests.pipelines.fetching.servers import Handler, Loopback, Responder, Served, answer

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = 1000
"""Files from this length on are kept apart, as a hub keeps its large ones."""


def needing_token(token: str | None, responder: Responder) -> Responder:
    def respond(handler: Handler) -> None:
        given = handler.headers.get("Authorization")
        (responder if token is None or given == f"Bearer {token}" else answer(401))(handler)

    return respond


def serve_hub(
    hub: Loopback,
    storage: Loopback,
    repository: str,
    files: dict[str, bytes],
    *,
    token: str | None = None,
    page: int = 2,
) -> None:
    """`repository` (`datasets/o/n` or `o/n`) at `main` = COMMIT; large files redirect to `storage`.

    Follows the hub's interface: /api/…/revision, /api/…/tree with pages in the Link header, /resolve.
    """
    api = "/api/" + ("" if repository.startswith("datasets/") else "models/") + repository
    hub.on(f"{api}/revision/main", needing_token(token, answer(200, json.dumps({"sha": COMMIT}).encode())))
    entries: list[dict[str, object]] = [{"type": "directory", "path": "data", "size": 0, "oid": "0" * 40}]
    for path, content in files.items():
        digest = hashlib.sha256(content).hexdigest()
        entry: dict[str, object] = {"type": "file", "path": path, "size": len(content)}
        if len(content) >= LARGE:
            entry |= {"oid": "f" * 40, "lfs": {"oid": digest, "size": len(content), "pointerSize": 134}}
            target = storage.on(f"/blobs/{digest}", Served(content)) + "?X-Amz-Signature=planted"
            responder: Responder = answer(302, Location=target, X_Linked_Etag=f'"{digest}"')
        else:
            entry["oid"] = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
            responder = Served(content)
        entries.append(entry)
        hub.on(f"/{repository}/resolve/{COMMIT}/{path}", needing_token(token, responder))
    for folder in {"", *(path.rpartition("/")[0] for path in files)}:
        below = [entry for entry in entries if not folder or str(entry["path"]).startswith(folder + "/")]
        tree = f"{api}/tree/{COMMIT}" + (f"/{folder}" if folder else "")
        hub.on(tree, needing_token(token, _pages(hub, tree, below, page)))


def _pages(hub: Loopback, tree: str, entries: list[dict[str, object]], size: int) -> Responder:
    def respond(handler: Handler) -> None:
        start = int((hub.requests[-1].query.get("cursor") or ["0"])[0])
        headers = {}
        if start + size < len(entries):
            headers["Link"] = f'<{hub.url}{quote(tree)}?recursive=true&cursor={start + size}>; rel="next"'
        answer(200, json.dumps(entries[start : start + size]).encode(), **headers)(handler)

    return respond


def source_archive(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def wheel(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def serve_index(server: Loopback, project: str, files: dict[str, bytes], *, as_json: bool = False) -> str:
    """A simple index (PEP 503; PEP 691 with `as_json`) with the archives of one project; its address."""
    links = []
    for name, content in files.items():
        server.on(f"/files/{name}", Served(content))
        links.append((name, hashlib.sha256(content).hexdigest()))
    if as_json:
        listed = [{"filename": name, "url": f"/files/{name}", "hashes": {"sha256": digest}} for name, digest in links]
        body = json.dumps({"meta": {"api-version": "1.0"}, "name": project, "files": listed}).encode()
        server.on(f"/simple/{project}/", answer(200, body, Content_Type="application/vnd.pypi.simple.v1+json"))
    else:
        body = "".join(f'<a href="../../files/{name}#sha256={digest}">{name}</a>' for name, digest in links).encode()
        server.on(f"/simple/{project}/", answer(200, body, Content_Type="text/html"))
    return server.url + "/simple"


def serve_google(server: Loopback, bucket: str, objects: dict[str, bytes], *, page: int = 2) -> None:
    """A bucket of Google's object store by its JSON interface: objects.list in pages, objects.get with alt=media."""

    def listing(handler: Handler) -> None:
        query = server.requests[-1].query
        prefix, start = query.get("prefix", [""])[0], int(query.get("pageToken", ["0"])[0])
        names = [name for name in sorted(objects) if name.startswith(prefix)]
        items = [
            {
                "name": name,
                "size": str(len(objects[name])),
                "generation": "7",
                "md5Hash": base64.b64encode(hashlib.md5(objects[name]).digest()).decode(),
            }
            for name in names[start : start + page]
        ]
        more = {"nextPageToken": str(start + page)} if start + page < len(names) else {}
        answer(200, json.dumps({"items": items, **more}).encode())(handler)

    server.on(f"/storage/v1/b/{bucket}/o", listing)
    for name, content in objects.items():
        server.on(f"/storage/v1/b/{bucket}/o/{name}", Served(content))
