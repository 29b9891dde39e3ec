"""What the server's process runs: the shop with its worker, told by the environment where."""

from __future__ import annotations

import atexit
import os
from pathlib import Path

from flask import Flask

from insurance_reviews.demo_shop.app import create_app
from insurance_reviews.demo_shop.place import Place
from insurance_reviews.demo_shop.shop import get_shop, tell_plugin
from insurance_reviews.demo_shop.worker import Worker
from insurance_reviews.plugin.current import get_state

FOLDER, URL = "DEMO_SHOP_FOLDER", "DEMO_SHOP_URL"


def create() -> Flask:
    """The application for the WSGI server; it delivers its own mails."""
    place = Place(Path(os.environ[FOLDER]))
    # The folder has its name only when it is filled.
    app = create_app(place, public_url=os.environ[URL], ready=place.folder.is_dir)
    state, shop = get_state(app), get_shop(app)
    worker = Worker(state)
    shop.on_told.append(worker.wake)
    tell_plugin(shop, state)
    worker.start()
    atexit.register(worker.stop)
    return app
