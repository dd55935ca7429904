"""Orders left to chance: by a seed the same, in forked workers different."""

import multiprocessing

import pytest

from xinglin.core.chance import CHANCE, seeded_chance


def draw(answers: "multiprocessing.SimpleQueue[float]") -> None:
    answers.put(CHANCE.random())


def test_a_seed_decides_while_it_lasts() -> None:
    found = []
    for _ in range(2):
        with seeded_chance("demo"):
            found.append(CHANCE.random())
    assert found[0] == found[1] != CHANCE.random()


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
def test_forked_workers_draw_each_their_own() -> None:
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    for _ in range(2):
        child = context.Process(target=draw, args=(answers,))
        child.start()
        child.join()
    assert answers.get() != answers.get()
