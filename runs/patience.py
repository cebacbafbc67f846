"""How long a call has taken: no worker is given up because the process that waits for it was stopped."""

# Seconds between two looks at a call that may take too long.
LOOKING = 1.0


def elapsed(last_look: float, now: float) -> float:
    """Seconds that count between two looks: while this process stood still, the worker may have, too."""
    return min(now - last_look, 2 * LOOKING)
