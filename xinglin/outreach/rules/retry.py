from datetime import timedelta

MAX_ATTEMPTS = 6
#: How often a message is handed over at most where nobody can tell whether it left and its template says
#: "at least once".
MOST_HANDOVERS = 3


def pause_before(*, attempt: int, jitter: float) -> timedelta:
    """How long to wait before attempt ``attempt`` + 1: 30 s doubled each time, at most 2 h, ±20 %.

    ``jitter`` lies in [0, 1] and spreads the returning crowd.
    """
    seconds = min(7200, 30 * 2 ** max(attempt - 1, 0))
    return timedelta(seconds=seconds * (0.8 + 0.4 * jitter))


def refill(*, tokens: float, elapsed: float, rate: float) -> float:
    """Tokens in a bucket that holds one second's worth (at least one) after ``elapsed`` seconds."""
    return min(max(rate, 1.0), tokens + max(elapsed, 0.0) * rate)


def more_days(*, people: int, left: int, daily_limit: int) -> int:
    """How many further days a daily limit needs for those who do not get theirs on the first."""
    return -(-max(people - left, 0) // daily_limit)
