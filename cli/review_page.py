"""`review --serve`: serves the desk on loopback, opened at one run. Imports a web server."""

from __future__ import annotations

import gc
import secrets
from pathlib import Path

from cli import output, review_output
from cli.desk import services_of
from cli.settings import open_home
from desk.serve import serve_desk
from desk.site import site
from flows.review.build import review


def serve_review(home: Path | None, wanted: str, *, json: bool) -> None:
    """Serve the desk until a signal. It opens at Morning if the run is the newest nightly run, else at the run's page.

    home, wanted: the command's --home and RUN.
    """
    gc.enable()  # a server runs for long: see cli/main.py
    home_folder = open_home(home)
    run, newest = home_folder.manifest(wanted)["run"], home_folder.newest_nightly()
    page = "/" if newest and newest.run == run else f"/runs/{run}"

    def ready(url: str) -> None:
        if json:
            built = review(home_folder, run)
            output.print_json(review_output.review_json(built, built["accounts"]) | {"url": url})
        else:
            output.write(f"The review is open at {url}\nThe address works once, in one browser. Stop with Ctrl-C.")

    serve_desk(site(home_folder, services_of(home), secrets.token_urlsafe(32)), ready, page=page)
