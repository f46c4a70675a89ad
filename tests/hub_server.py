"""A server on loopback that takes the place of the Hugging Face hub.

It answers what `huggingface_hub` asks to make a repository, to commit small files to
it, to look into it and to read it; and any path of its folder, as a plain web server.
"""

import base64
import contextlib
import http.server
import json
import sys
import threading
from pathlib import Path

import huggingface_hub

TOKEN = "hf_stand_in"
_COMMIT = "0" * 40


def connection_error(text):
    """What `huggingface_hub` raises if no one answers: its version chooses httpx."""
    client = type(huggingface_hub.get_session())
    package = next(kind.__module__ for kind in client.__mro__ if "httpx" in str(kind))
    return sys.modules[package.partition(".")[0]].ConnectError(text)


@contextlib.contextmanager
def serving(folder):
    """Serves a folder, in which a repository is a folder `user/repo`.

    Yields:
        `(url, requests)`: the server's URL, and the lines of the requests so far.
    """
    requests = []

    class Handler(_Hub):
        root, seen = Path(folder), requests

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", requests
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Hub(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        self.seen.append(f"{self.command} {self.path}")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self.path.partition("?")[0]
        if path == "/api/validate-yaml":
            return self._json({"errors": [], "warnings": []})
        if "/paths-info/" in path:
            names = json.loads(body)["paths"]
            repo = self._repo(path)
            return self._json([self._about(repo, name) for name in names])
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self._json({"error": "Invalid username or password."}, 401)
        if path == "/api/repos/create":
            about = json.loads(body)
            name = f"{about.get('organization') or 'user'}/{about['name']}"
            (self.root / name).mkdir(parents=True, exist_ok=True)
            return self._json({"url": f"http://{self.headers['Host']}/{name}"})
        if "/preupload/" in path:
            names = [file["path"] for file in json.loads(body)["files"]]
            plain = {"uploadMode": "regular", "shouldIgnore": False}
            return self._json({"files": [{"path": n, **plain} for n in names]})
        for line in map(json.loads, body.splitlines()):  # a commit
            if line["key"] == "file":
                file = self.root / self._repo(path) / line["value"]["path"]
                file.write_bytes(base64.b64decode(line["value"]["content"]))
        self._json({"commitUrl": self.path, "commitOid": _COMMIT, "success": True})

    def do_GET(self):
        path = self.path.partition("?")[0]
        if path.startswith("/api/models/"):
            repo = self._repo(path)
            if not (self.root / repo).is_dir():
                return self._missing("RepoNotFound")
            if "/tree/" in path:
                names = sorted(p.name for p in (self.root / repo).iterdir())
                return self._json([self._about(repo, name) for name in names])
            return self._json({"id": repo, "sha": _COMMIT, "siblings": []})
        file = self.root / path.lstrip("/").replace("/resolve/main/", "/")
        file = Path(str(file).replace(f"/resolve/{_COMMIT}/", "/"))
        if not file.is_file():
            return self._missing("EntryNotFound")
        self._send(file.read_bytes(), "application/octet-stream")

    do_HEAD = do_GET

    def _repo(self, path):
        return "/".join(path.split("/")[3:5])

    def _about(self, repo, name):
        size = (self.root / repo / name).stat().st_size
        return {"type": "file", "path": name, "size": size, "oid": _COMMIT}

    def _json(self, value, status=200):
        self._send(json.dumps(value).encode(), "application/json", status)

    def _missing(self, code):
        self._send(b"{}", "application/json", 404, {"X-Error-Code": code})

    def _send(self, content, kind, status=200, headers=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", f'"{_COMMIT}"')
        self.send_header("X-Repo-Commit", _COMMIT)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
