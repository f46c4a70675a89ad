"""What an error of a file system means: for one file, for the storage, or for neither.

A lost connection is worth another attempt. A missing file, refused access or a mistake
in a program is not.
"""

import errno

# The errors of lines and servers, by package and name of a class or of its base.
# Names, because most of these packages may not be installed.
_CONNECTION_ERRORS = {
    "aiohttp.ClientError",
    "azure.AzureError",
    "botocore.ClientError",
    "botocore.ConnectionError",
    "botocore.FlexibleChecksumError",
    "botocore.HTTPClientError",
    "botocore.IncompleteReadError",
    "botocore.ResponseParserError",
    "builtins.EOFError",
    "builtins.OSError",
    "ftplib.Error",
    "gcsfs.HttpError",
    "google.GoogleAPIError",
    "google.TransportError",
    "http.HTTPException",
    "httpx.HTTPError",
    "httpx2.HTTPError",
    "paramiko.SSHException",
    "smbprotocol.SMBException",
    "urllib3.HTTPError",
}
_REFUSALS = {
    "ClientAuthenticationError",
    "CredentialRetrievalError",
    "DefaultCredentialsError",
    "GatedRepoError",
    "NoCredentialsError",
    "PartialCredentialsError",
    "TokenRetrievalError",
}
_REFUSED = (401, 403)
_MISSING = (404, 410)
# What no second attempt changes.
_FOR_THIS_FILE = (
    FileNotFoundError,
    FileExistsError,
    IsADirectoryError,
    NotADirectoryError,
)
_FOR_THIS_REQUEST = (
    errno.EINVAL,
    errno.EMSGSIZE,
    errno.ENAMETOOLONG,
    errno.ENOSPC,
    errno.EROFS,
)


class CertainError(ConnectionError):
    """The next file would fail too, and so would a retry."""


class AccessError(CertainError, PermissionError):
    """Storage refuses."""


class FileSystemError(CertainError):
    """A file system does not work, whatever the connection is like."""


def translated(url, function, *arguments):
    """Calls a function; its errors become the package's, with the URL.

    Args:
        url: What the call is about, for messages.
        function: Uses one of fsspec's file systems.
        arguments: What it takes.

    Returns:
        What the function returns.

    Raises:
        OSError: If this file or request cannot succeed.
        ConnectionError: If the storage gave no answer.
        CertainError: If it refuses access, or its file system does not work.
    """
    try:
        return function(*arguments)
    except _FOR_THIS_FILE as error:
        if _hides_another(error):
            raise _meant_by(url, error.__cause__) from None
        # The plain class: those made from it may be constructed in other ways.
        kind = next(kind for kind in _FOR_THIS_FILE if isinstance(error, kind))
        raise kind(_describe(url, error)) from None
    except (ValueError, NotImplementedError) as error:
        raise OSError(_describe(url, error)) from None
    except Exception as error:  # each file system has errors of its own
        meant = _meant_by(url, error)
        cause = error if isinstance(meant, FileSystemError) else None
        raise meant from cause


def is_lost_connection(error: BaseException) -> bool:
    """Whether an error of a file system or a hub is one of lines and servers."""
    return not _CONNECTION_ERRORS.isdisjoint(_names(error))


def _hides_another(error):
    """fsspec's file system for http calls all that goes wrong a missing file."""
    cause = error.__cause__
    is_http = cause is not None and "aiohttp.ClientError" in _names(cause)
    return is_http and getattr(cause, "status", None) not in _MISSING


def _meant_by(url, error):
    text = _describe(url, error)
    if _is_refusal(error):
        return AccessError(
            f"{text}. The storage refuses access. Set the credentials that fsspec's "
            "file system for this scheme reads, such as AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY for s3://, or FSSPEC_S3_ANON=true for a public "
            "bucket, and check what they allow."
        )
    if isinstance(error, OSError) and error.errno in _FOR_THIS_REQUEST:
        return OSError(text)
    if not is_lost_connection(error):
        return FileSystemError(
            f"{text}. This is no lost connection, so it is not tried again. Check that "
            "fsspec and its package for this scheme are of the same date, with "
            "`pip install --upgrade keras-mocogan[remote]` for s3://."
        )
    return ConnectionError(text)


def _is_refusal(error):
    status = getattr(error, "status", None) or getattr(error, "code", None)
    return (
        isinstance(error, PermissionError)
        or type(error).__name__ in _REFUSALS
        or status in _REFUSED
    )


def _names(error):
    for kind in type(error).__mro__:
        yield f"{kind.__module__.partition('.')[0]}.{kind.__name__}"


def _describe(url, error):
    words = " ".join(str(error).split()).rstrip(".")
    if words.startswith(url):  # said already
        return words
    return f"{url}: {type(error).__name__}: {words}"
