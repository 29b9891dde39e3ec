"""``kill -9`` of all writers at random moments, on SQLite."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from .children import Child, Message, forked
from .figures import Figure, counted, none_of
from .places import Place, temporary_folder
from .scale import Scale, steps
from .writers import PRODUCTS, Book, write_for_ever

NAME = "kill -9 of the writers, SQLite"
WRITERS = 4
#: The share of cycles in which the writers live to see a first acknowledgement. In the others they
#: are killed as they open the database and repair what the kill before left.
LATE = 0.8
#: How long they live then, at most (seconds).
LONGEST = 0.25
SEED = 3


def needs() -> list[str]:
    return []


def run(scale: Scale) -> list[Figure]:
    cycles = scale.pick(15, 1000)
    chance = random.Random(SEED)
    book = Book()
    with temporary_folder() as folder:
        place = Place(folder / "place")
        place.found()
        for cycle in steps(NAME, range(cycles)):
            with ExitStack() as stack:
                children = start(stack, place.url, place.state_dir, f"c{cycle}")
                said = first_words(children) if chance.random() < LATE else []
                time.sleep(chance.uniform(0, LONGEST))
                chance.shuffle(children)
                for child in children:
                    child.kill()
                for child in children:
                    said += list(child.hear_all())
            with place.opened() as world:
                book.enter(world, said)
                if cycle + 1 in {cycles // 10, cycles // 2, cycles}:
                    book.check_all(world)
    return figures(book, cycles)


def start(stack: ExitStack, url: str, state_dir: Path, name: str) -> list[Child]:
    """Writers on the installation, dead when ``stack`` ends."""

    def writer(number: int) -> Callable[..., None]:
        product = PRODUCTS[number % len(PRODUCTS)]
        own = f"{name}w{number}"
        return lambda say, wait: write_for_ever(url, state_dir, own, product, say, wait)

    return [stack.enter_context(forked(writer(number))) for number in range(WRITERS)]


def first_words(children: list[Child]) -> list[Message]:
    """Wait until somebody was acknowledged something."""
    message = children[0].hear()
    return [] if message is None else [message]


def figures(book: Book, cycles: int) -> list[Figure]:
    """What the book says after so many cycles."""
    goal = f"{counted(cycles, 'cycle')}: nothing lost, no broken receipt, the logs verify"
    value = f"{counted(len(book.reviews), 'review')} acknowledged, {book.receipts:,} receipts"
    enough = len(book.reviews) >= cycles
    return [
        none_of(book.bad, goal, value),
        Figure(
            "at least one acknowledged review per cycle",
            f"{len(book.reviews):,}",
            enough,
        ),
    ]
