"""The flag --image_size: one number, or height x width."""

from absl import flags

from keras_mocogan.utils import image_sizes


class Parser(flags.ArgumentParser):
    """`64` gives 64, and `64x96` gives (64, 96); what is not text is taken as it is."""

    syntactic_help = "a number, or HEIGHTxWIDTH"

    def parse(self, argument):
        if isinstance(argument, str):
            return image_sizes.from_text(argument)
        return image_sizes.check_image_size(argument)

    def flag_type(self):
        return "size"


class Serializer(flags.ArgumentSerializer):
    """Writes a size as the parser reads it."""

    def serialize(self, value):
        return image_sizes.to_text(value)


def define(module, default, help_text):
    """Defines --image_size for a module, whose name is `module`."""
    flags.DEFINE(
        Parser(),
        "image_size",
        default,
        help_text,
        serializer=Serializer(),
        module_name=module,
    )
