"""A server that sends parts of a folder's files and does nothing else.

    python range_server.py FOLDER

It listens on loopback, prints its port, and takes requests until it is killed.
"""

import http.server
import os
import re
import sys

_RANGE = re.compile(r"bytes=(\d+)-(\d+)")


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keeps connections
    disable_nagle_algorithm = True

    def do_GET(self):
        path = self.translate_path(self.path)
        wanted = _RANGE.fullmatch(self.headers.get("Range", ""))
        if os.path.isdir(path) or not os.path.exists(path) or not wanted:
            super().do_GET()
            return
        size = os.path.getsize(path)
        begin, last = map(int, wanted.groups())
        last = min(last, size - 1)
        self.send_response(206)
        self.send_header("Content-Length", str(last + 1 - begin))
        self.send_header("Content-Range", f"bytes {begin}-{last}/{size}")
        self.end_headers()
        self.wfile.flush()
        self._send(path, begin, last + 1)

    def _send(self, path, begin, end):
        with open(path, "rb") as file:
            while begin < end:  # from the kernel to the kernel
                begin += os.sendfile(
                    self.connection.fileno(), file.fileno(), begin, end - begin
                )

    def end_headers(self):
        self.send_header("Accept-Ranges", "bytes")
        super().end_headers()

    def log_message(self, *arguments):
        pass


def main():
    os.chdir(sys.argv[1])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
