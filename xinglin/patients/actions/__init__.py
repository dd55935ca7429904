from xinglin.patients.actions.bulk import start_bulk
from xinglin.patients.actions.consents import give_consent, withdraw_consent
from xinglin.patients.actions.erasure import (
    AlreadyAsked,
    AlreadyDecided,
    ErasureBlocked,
    SamePerson,
    ask_erasure,
    confirm_erasure,
    decline_erasure,
)
from xinglin.patients.actions.households import (
    AlreadyPlaced,
    add_member,
    create_household,
    merge_households,
    remove_member,
    rename_household,
    split_household,
    update_member,
)
from xinglin.patients.actions.registering import (
    PossibleDuplicate,
    add_identifier,
    find_or_register_by_phone,
    register_patient,
    update_patient,
)
from xinglin.patients.actions.revealing import reveal
from xinglin.patients.actions.sorting import (
    assign_many,
    delete_view,
    save_view,
    set_tags,
    tag_many,
)

__all__ = [
    "AlreadyAsked",
    "AlreadyDecided",
    "AlreadyPlaced",
    "ErasureBlocked",
    "PossibleDuplicate",
    "SamePerson",
    "add_identifier",
    "add_member",
    "ask_erasure",
    "assign_many",
    "confirm_erasure",
    "create_household",
    "decline_erasure",
    "delete_view",
    "find_or_register_by_phone",
    "give_consent",
    "merge_households",
    "register_patient",
    "remove_member",
    "rename_household",
    "reveal",
    "save_view",
    "set_tags",
    "split_household",
    "start_bulk",
    "tag_many",
    "update_member",
    "update_patient",
    "withdraw_consent",
]
