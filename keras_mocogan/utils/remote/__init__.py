"""Files at URLs, such as `s3://bucket/clips`, read and written through fsspec."""
