"""Just the end of a nightly run, as a process: the changes since what is ready, and their page.

    python benchmarks/page.py HOME

Compares the home's latest run like `compare` in `flows/review/build.py`; writes the page to a new file in HOME, and the
totals to standard output as JSON. It is the row "page" in the table "second day" of `python -m benchmarks`.
"""

import gc
import json
import os
import sys
from pathlib import Path

from cli.main import MEMORY, exit_now


def main() -> None:
    """Compare, and make the page. Memory, garbage collection and exit are as in cli/main.py."""
    os.environ.setdefault("_RJEM_MALLOC_CONF", MEMORY)
    gc.disable()
    from exports.home.layout import Home
    from exports.page.render import render
    from flows.review.build import review

    home = Path(sys.argv[1])
    found = review(Home(home), people_of_new=False)
    (home / f"review-{os.getpid()}.html").write_bytes(render(found))  # a new file, as in the folder of a run
    print(json.dumps({"totals": found["totals"]}))
    exit_now(SystemExit())


if __name__ == "__main__":
    main()
