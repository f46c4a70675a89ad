"""A server on loopback that takes the place of S3, and buckets with files in it."""

import urllib.request
from pathlib import Path

import boto3
from moto.server import ThreadedMotoServer

REGION = "us-east-1"


def start(port=0):
    """A running `ThreadedMotoServer`."""
    server = ThreadedMotoServer(port=port, verbose=False)
    server.start()
    return server


def url_of(server):
    host, port = server.get_host_and_port()
    return f"http://{host}:{port}"


def environment(server):
    """Variables with which `s3://` is this server."""
    return {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": url_of(server),
        # A server that is gone is soon given up by the library itself.
        "AWS_MAX_ATTEMPTS": "1",
    }


def client(server):
    return boto3.client(
        "s3",
        endpoint_url=url_of(server),
        region_name=REGION,
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )


def fill(server, bucket, folder):
    """Makes a bucket and copies all files of a folder to it."""
    s3 = client(server)
    s3.create_bucket(Bucket=bucket)
    for path in sorted(Path(folder).rglob("*")):
        if path.is_file():
            key = path.relative_to(folder).as_posix()
            s3.put_object(Bucket=bucket, Key=key, Body=path.read_bytes())


def check_credentials(server, after):
    """Lets the server check who asks, from the `after`th request on."""
    url = f"{url_of(server)}/moto-api/reset-auth"
    plain = {"Content-Type": "text/plain"}
    body = str(after).encode()
    urllib.request.urlopen(urllib.request.Request(url, body, plain, method="POST"))
