"""A person at the desk, for the torture of the desk: approves everything and releases."""

import html
import json
import re
import time
from typing import Any

import httpx

from tests.torture.warm import PATIENCE, Child, has_ended


def decide_and_release(child: Child) -> None:
    """Continue from whatever was done before. A desk without a run has nothing to do."""
    url = _address(child)
    with httpx.Client(base_url=url.partition("/?")[0], timeout=PATIENCE, trust_env=False) as client:
        client.headers["Origin"] = str(client.base_url).rstrip("/")
        page = client.get(url).raise_for_status().text
        shown = re.search(r'data-run="([^"]+)" data-version="(\d+)"', page)
        if not shown:
            return
        run, version = shown.groups()
        for key in dict.fromkeys(re.findall(r'data-key="([^"]+)"', page)):
            fragment = client.get(f"/accounts/{key}", params={"run": run}).raise_for_status().text
            [seen] = re.findall(r'data-seen="([^"]+)"', fragment)
            items = [{"key": key, "seen": html.unescape(seen)}]
            asked = {"run": run, "by": "Jo", "version": int(version), "items": items}
            if "to decide" in fragment:
                _post(client, "/decisions", asked | {"what": "approve", "reason": "so"})
        listed = client.get("/release", params={"run": run}).raise_for_status().text
        for seen in re.findall(r'data-seen="([^"]+)"', listed):
            _post(client, "/release", {"run": run, "by": "Jo", "seen": seen})


def _address(child: Child) -> str:
    end = time.monotonic() + PATIENCE
    while not (output := child.out.read_text() if child.out.exists() else "").endswith("\n"):
        assert time.monotonic() < end, "the desk says nothing"
        if has_ended(child):
            raise httpx.ConnectError("the desk has ended")
        time.sleep(0.002)
    answer = json.loads(output)
    if "url" not in answer:  # it says why it does not open
        raise httpx.ConnectError(str(answer))
    return str(answer["url"])


def _post(client: httpx.Client, path: str, body: dict[str, Any]) -> None:
    client.post(path, json=body).raise_for_status()
