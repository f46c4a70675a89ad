"""Keeps a constructor's arguments for `get_config`, without naming them again."""

import functools
import inspect


class KeepsArguments:
    """A mix-in, before `keras.Model`, that records what a constructor is called with.

    `arguments` is a dictionary by name, with defaults filled in. It exists before the
    constructor's first line runs, and leaves out what goes into `*args` and `**kwargs`.
    If a subclass passes some of these on with `super().__init__(**kwargs)`, it has them
    too. A class made with `keeps_arguments=False` is ignored.
    """

    def __init_subclass__(cls, keeps_arguments=True, **kwargs):
        super().__init_subclass__(**kwargs)
        if keeps_arguments and "__init__" in vars(cls):
            cls.__init__ = _noting(cls.__init__)


def _noting(constructor):
    signature = inspect.signature(constructor)
    gathering = inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD
    names = [
        name
        for name, parameter in list(signature.parameters.items())[1:]
        if parameter.kind not in gathering
    ]

    @functools.wraps(constructor)
    def noting(self, *args, **kwargs):
        bound = signature.bind(self, *args, **kwargs)
        bound.apply_defaults()
        own = {name: bound.arguments[name] for name in names}
        # Not by `keras.Model.__setattr__`, which requires an initialized model.
        noted = vars(self).get("arguments", {})
        object.__setattr__(self, "arguments", own | noted)
        constructor(self, *args, **kwargs)

    noting.__signature__ = signature  # Keras reads it, and cannot handle bare `*args`
    return noting
