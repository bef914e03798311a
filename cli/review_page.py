"""`review --serve`: the desk on loopback, opened at one run. It brings a web server along."""

from __future__ import annotations

import gc
import secrets
from pathlib import Path

from cli import output, review_output
from cli.desk import hands_of
from cli.settings import home_in_force
from desk.serve import serve_desk
from desk.site import site
from flows.review.build import review


def serve_review(home: Path | None, wanted: str, *, json: bool) -> None:
    """Serve the desk until a signal. It opens at Morning if the run is the newest nightly run, else at the run's page.

    `home` and `wanted` are as the command has them.
    """
    gc.enable()  # this one stays: see cli/main.py
    place = home_in_force(home)
    run, newest = place.manifest(wanted)["run"], place.newest_nightly()
    page = "/" if newest and newest.run == run else f"/runs/{run}"

    def ready(url: str) -> None:
        if json:
            seen = review(place, run)
            output.print_json(review_output.review_json(seen, seen["accounts"]) | {"url": url})
        else:
            output.write(f"The review is open at {url}\nThe address works once, in one browser. Stop with Ctrl-C.")

    serve_desk(site(place, hands_of(home), secrets.token_urlsafe(32)), ready, page=page)
