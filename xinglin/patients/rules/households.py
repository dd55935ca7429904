"""Who may answer for whom."""

from datetime import date

#: Of age in this year of life (民法典第十七条).
OF_AGE = 18


def is_minor(age: int | None) -> bool:
    """Known to be under age; somebody of unknown age is taken for an adult."""
    return age is not None and age < OF_AGE


def may_guard(*, age: int | None, deceased_on: date | None) -> bool:
    """A guardian is alive and of age (民法典第二十七条)."""
    return deceased_on is None and not is_minor(age)


def household_name(name: str) -> str:
    """What a family is called after its first member: 林秋月 → 林家, Ann Smith → Smith 家."""
    name = name.strip()
    double = ("欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒")
    if name.isascii():
        return f"{name.split()[-1][:30]} 家" if name else "家庭"
    return (name[:2] if name.startswith(double) else name[:1]) + "家"
