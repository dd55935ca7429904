import pytest

from xinglin.core.actor import Actor
from xinglin.directory.tests.factories import make_organization
from xinglin.patients import queries
from xinglin.patients.rules.identity import id_number_problem, initials_of, query_words, search_words
from xinglin.patients.tests.factories import NOON, make_patient

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("林", {"林秋月"}),
        ("秋月", {"林秋月"}),
        ("月秋", set()),
        ("lqy", {"林秋月"}),
        ("QY", {"林秋月"}),
        ("林qy", {"林秋月"}),
        ("单", {"单雄信"}),
        ("sxx", {"单雄信"}),
        ("ign", {"Ignacio928 Candelaria844"}),
        ("candel", {"Ignacio928 Candelaria844"}),
        ("5678", {"林秋月"}),
        ("13812345678", {"林秋月"}),
        ("１３８１２３４５６７８", {"林秋月"}),
        ("11010519491231002x", {"林秋月"}),
        ("A-77", {"单雄信"}),
        ("lin@example.org", {"林秋月"}),
        ("", set()),
        ("%", set()),
        ('" OR x', set()),
        ("999", set()),
    ],
)
def test_people_are_found_by_what_the_desk_types(text: str, found: set[str]) -> None:
    hospital = make_organization()
    make_patient(hospital, phone="13812345678", id_number="11010519491231002X", email="lin@example.org")
    make_patient(hospital, name="单雄信", phone="", identifiers={"card": "A-77"})
    make_patient(hospital, name="Ignacio928 Candelaria844", phone="")
    make_patient(name="林秋月")

    actor = Actor.system(hospital.pk)
    assert {one.name for one in queries.search(actor, text)} == found
    assert {one.name for one in queries.list_patients(actor, {"q": text}, now=NOON)} == found or text == ""


def test_words_are_bound_to_their_hospital() -> None:
    assert not set(search_words(1, "王芳")) & set(search_words(2, "王芳"))
    assert set(query_words(1, "王芳")) <= set(search_words(1, "王芳"))


def test_initials_and_check_digits() -> None:
    from datetime import date

    assert initials_of("欧阳娜娜") == "oynn"
    today = date(2026, 11, 22)
    assert id_number_problem("11010519491231002X", today) == ""
    assert id_number_problem("110105194912310021", today) == "check"
    assert id_number_problem("11010520991231002X", today) == "date"
    assert id_number_problem("1101", today) == "length"
