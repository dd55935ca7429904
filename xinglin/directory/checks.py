"""The shipped role map and the codes that modules define must fit each other."""

from typing import Any

from django.core import checks

from xinglin.directory import queries, rules


@checks.register("xinglin")
def role_map_fits(**_kwargs: Any) -> list[checks.CheckMessage]:
    """E001: the file is wrong; E002: a role has a code nobody defines; W001: a code no role has."""
    try:
        roles = rules.shipped_roles()
    except ValueError as error:
        return [checks.Error(f"roles.yaml: {error}", id="directory.E001")]
    defined = {row.code for row in queries.list_permissions()}
    given = {code for role in roles for code in role.permissions}
    found: list[checks.CheckMessage] = [
        checks.Error(f"roles.yaml: {role.code} has {code}, which no module defines", id="directory.E002")
        for role in roles
        for code in role.permissions
        if code not in defined
    ]
    found += [checks.Warning(f"no role has {code}", id="directory.W001") for code in sorted(defined - given)]
    return found
