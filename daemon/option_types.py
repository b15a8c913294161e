"""What follows an option of the command line, read and checked; argparse tells what is wrong with it."""

from __future__ import annotations

import argparse
import math


def number(text: str) -> float:
    """Return a number that is not below 0.

    :raises argparse.ArgumentTypeError: it is none.
    """
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 <= found < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 on")
    return found


def count(text: str) -> int:
    """Return a whole number from 1 on.

    :raises argparse.ArgumentTypeError: it is none.
    """
    if not (text.isascii() and text.isdigit() and int(text[:9]) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)
