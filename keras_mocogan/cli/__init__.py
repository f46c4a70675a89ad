"""The console command `keras-mocogan`, and what the scripts in `examples/` share.

Each subcommand is a module of its name. Flags are absl's, which is imported here,
in `examples/` and in `tools/` only.
"""
