"""Spans and moments of time in words."""

import datetime


def span(seconds):
    """A span such as `"45 s"`, `"12 min"`, `"3 h 5 min"` or `"5 days 2 h"`."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{round(seconds)} s"
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min"
    days, hours = divmod(hours, 24)
    return f"{days} day{'s' if days > 1 else ''} {hours} h"


def moment(seconds):
    """The time of day in so many seconds, with the date if that is another day."""
    now = datetime.datetime.now().astimezone()
    then = now + datetime.timedelta(seconds=seconds)
    return then.strftime("%H:%M" if then.date() == now.date() else "%a %d %b %H:%M")


def step(seconds):
    """Seconds of a step, with two digits that count: `"0.055 s"`, `"4.4 s"`."""
    return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
