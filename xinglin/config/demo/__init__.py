"""The demo hospital: believable, deterministic by seed, of any size, removable."""

from xinglin.config.demo.make import (
    Account,
    account_list,
    accounts,
    demo_hospital_exists,
    installation_is_empty,
    make_demo,
)
from xinglin.config.demo.remove import remove_demo

__all__ = [
    "Account",
    "account_list",
    "accounts",
    "demo_hospital_exists",
    "installation_is_empty",
    "make_demo",
    "remove_demo",
]
