"""`review --serve`: the page of a run on loopback, until Ctrl-C."""

import gc
import secrets

from cli import output
from cli.review_output import review_json
from desk.app import desk
from desk.serve import serve_desk
from exports.home.layout import Home
from flows.review.build import review


def serve_review(home: Home, run: str, *, json: bool) -> None:
    """Serve the page of a run and print its address; returns when the server is stopped."""
    gc.enable()  # this one stays: see cli/main.py
    run = home.manifest(run)["run"]

    def ready(url: str) -> None:
        if json:
            shown = review(home, run)
            output.print_json(review_json(shown, shown["accounts"]) | {"url": url})
        else:
            output.write(f"The review is open at {url}\nThe address works once, in one browser. Stop with Ctrl-C.")

    serve_desk(desk(home, run, token=secrets.token_urlsafe(32)), ready)
