"""What later stages import, imported by a thread while the export is read or pulled: nobody waits for it then."""

from contextlib import suppress
from functools import cache
from importlib import import_module
from threading import Thread

LATER = (  # what stages import, in the order of need; polars first, because reading waits for it
    "polars",
    "schemas.stages",
    "pandera.backends.polars.builtin_checks",
    "pandera.backends.polars.container",
    "transforms.people",
    "transforms.select",
    "transforms.file_names",
    "transforms.hold_back",
    "transforms.guard",
    "transforms.mark",
    "exports.reports.write",
    "exports.home.runs",
    "filelock",
    "orjson",
    "flows.review.build",
    "exports.page.render",
)


@cache
def import_ahead() -> None:
    """Make ready what later stages need. A second call finds it done, or under way."""
    # A daemon: a signal in the middle of an import may leave the import lock taken, and an end must not wait for that.
    Thread(target=_make_ready, name="imports", daemon=True).start()


def _make_ready() -> None:
    with suppress(KeyboardInterrupt):  # at a Ctrl-C, polars raises one where it is at work: the main thread ends it all
        for module in LATER:
            with suppress(Exception):  # what fails here fails again where it is needed
                import_module(module)
        with suppress(Exception):
            import_module("exports.page.render").prepare()
