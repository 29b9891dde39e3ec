"""Making a demo's folder, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from insurance_reviews import migrations
from insurance_reviews.demo_shop.app import create_app
from insurance_reviews.demo_shop.place import OPERATOR, Place, finish, unfinished
from insurance_reviews.demo_shop.seeding.perform import OPENED_BEFORE, Performer, open_shop
from insurance_reviews.demo_shop.seeding.plan import REVIEWS, SEED, ZONE, Act, make_plan
from insurance_reviews.demo_shop.stories import Story, load
from insurance_reviews.plugin.current import get_state
from insurance_reviews.plugin.deliver import deliver_due
from insurance_reviews.plugin.state import State, utc_now

#: Wraps the acts while they are performed, to show how far it is.
Progress = Callable[[Sequence[Act]], Iterable[Act]]


def prepare(
    place: Place,
    public_url: str,
    *,
    stories: Sequence[Story] | None = None,
    reviews: int = REVIEWS,
    seed: int = SEED,
    now: datetime | None = None,
    progress: Progress = iter,
) -> None:
    """Fill the folder of ``place``, which must not exist yet, as seen from ``now``."""
    filling = unfinished(place)
    migrations.upgrade(filling.reviews_url)
    app = create_app(filling, public_url=public_url)
    state = get_state(app)
    today = (now or utc_now()).astimezone(ZONE).date()
    acts = make_plan(today, load() if stories is None else stories, reviews=reviews, seed=seed)
    open_shop(state, OPERATOR, acts[0].at - OPENED_BEFORE)
    Performer(state).perform_all(progress(acts))
    _clear_outbox(state)
    state.work.engine.dispose()
    finish(filling, place)


def bring_up_to_date(place: Place) -> None:
    """Migrate a folder that an earlier release made."""
    if migrations.current(place.reviews_url) != migrations.head():
        migrations.upgrade(place.reviews_url)


def _clear_outbox(state: State) -> None:
    """The jobs of the past have nobody to reach: none of its holders left an address."""
    while deliver_due(state):
        pass
