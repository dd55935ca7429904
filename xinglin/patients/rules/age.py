from datetime import date

OLDEST = 130


def years_between(start: date, day: date) -> int:
    """Full years from ``start`` to ``day``; somebody born on 29 February is a year older on 1 March."""
    return day.year - start.year - ((day.month, day.day) < (start.month, start.day))


def age_on(
    day: date, birth_date: date | None, reported_age: int | None = None, reported_on: date | None = None
) -> int | None:
    """Age in full years on ``day``; without a birth date the reported age, moved on by the years since."""
    if birth_date is not None:
        return max(years_between(birth_date, day), 0)
    if reported_age is None or reported_on is None:
        return None
    return reported_age + max(years_between(reported_on, day), 0)


def is_possible_birth_date(birth: date, today: date) -> bool:
    """Not in the future and not longer ago than anybody has lived."""
    return birth <= today and years_between(birth, today) <= OLDEST
