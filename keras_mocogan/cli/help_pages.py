"""What `--help` and `--helpfull` print."""

import inspect
import sys
import textwrap

from absl import flags

_WIDTH = 80
_INDENT = " " * 26
_OURS = "keras_mocogan.cli."


def overview(commands):
    """The page of `keras-mocogan --help`.

    Args:
        commands: Dictionary from a command's name to what it does.
    """
    lines = ["Generates videos with Keras: trains, measures and exports MoCoGANs.", ""]
    lines += ["  keras-mocogan COMMAND [--flag=value ...]", ""]
    lines += [f"  {name:<12}{does}" for name, does in commands.items()]
    lines += [
        "",
        "keras-mocogan COMMAND --help shows a command's first flags, --helpfull all.",
        "KERAS_BACKEND=tensorflow, jax or torch chooses the backend.",
    ]
    return "\n".join(lines)


def short(name, module):
    """A command's page with the flags that people need first.

    Args:
        name: The command.
        module: Its module, whose docstring says what it does, and whose `FIRST_FLAGS`
            names these flags.
    """
    lines = [inspect.cleandoc(module.__doc__), ""]
    for flag in module.FIRST_FLAGS.split():
        lines += _describe(flags.FLAGS[flag])
    if len(module.FIRST_FLAGS.split()) < sum(map(len, _groups().values())):
        lines += ["", f"All flags: keras-mocogan {name} --helpfull"]
    return "\n".join(lines)


def full(name, module):
    """A command's page with all flags, in groups; arguments as for `short`."""
    lines = [inspect.cleandoc(module.__doc__)]
    for group, members in _groups().items():
        title = inspect.cleandoc(sys.modules[group].__doc__).splitlines()[0]
        lines += [
            "",
            title.rstrip(".").split(":")[0]
            if group != module.__name__
            else f"Of {name} itself",
        ]
        for flag in members:
            lines += _describe(flag)
    lines += ["", "--flagfile=FILE reads flags from a file, one a line."]
    return "\n".join(lines)


def own_flags():
    """All flags that the modules of this folder have defined, a list."""
    return [flag for members in _groups().values() for flag in members]


def _groups():
    """Flags by the module of this folder that defines them."""
    found = flags.FLAGS.flags_by_module_dict()
    ours = [name for name in found if name.startswith(_OURS) and found[name]]
    return {name: found[name] for name in ours}


def _describe(flag):
    """Lines about a flag: what to write, what it does, its default."""
    if flag.flag_type() == "bool":
        written = f"--[no]{flag.name}"
    else:
        written = f"--{flag.name}={_value(flag)}"
    # absl puts an enumeration's values first.
    text = flag.help.split(">: ")[-1]
    if flag.default not in (None, "", False):
        text = f"{text} Default: {_shown(flag)}."
    wrapped = textwrap.wrap(text, _WIDTH - len(_INDENT))
    if len(written) + 3 > len(_INDENT):
        lines = [f"  {written}", *(_INDENT + line for line in wrapped)]
    else:
        head = f"  {written}".ljust(len(_INDENT))
        lines = [head + wrapped[0], *(_INDENT + line for line in wrapped[1:])]
    return lines


def _value(flag):
    values = getattr(flag.parser, "enum_values", None)
    if values:
        return "|".join(values)
    kinds = {
        "int": "N",
        "float": "X",
        "size": "N|HxW",
        "comma separated list of strings": "A,B",
    }
    return kinds.get(flag.flag_type(), "TEXT")


def _shown(flag):
    return "yes" if flag.default is True else flag.default_as_str.strip("'")
