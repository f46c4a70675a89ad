"""For tools that know nothing else: all of it is in pyproject.toml."""

from setuptools import setup

setup()
