"""The proxy for an address, by the usual environment variables (`HTTPS_PROXY`, `NO_PROXY`).

The HTTP client could do this itself, but fails on a `NO_PROXY` such as `::1/128`.
"""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit


def proxy_for(url: str, proxies: Mapping[str, str]) -> str | None:
    """The proxy to use; None for none. proxies: by `https`, `all` and `no`, as from `urllib.request.getproxies`.

    Plain http, which is only allowed to loopback, uses none, because the proxy would read the key.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port or 443
    except ValueError:  # not an address, which is reported elsewhere
        return None
    proxy = proxies.get("https") or proxies.get("all")
    if parts.scheme != "https" or not proxy or is_exempt(host, port, proxies.get("no", "")):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def is_exempt(host: str, port: int, no_proxy: str) -> bool:
    """Whether a comma-separated list names the host: `*`, a domain, an address or a network, with or without a port."""
    entries = (entry.strip().casefold() for entry in no_proxy.split(","))
    return any(_names(entry, host.casefold(), port) for entry in entries if entry)


# ---------------------------------------------------------------------------------------------------------------------


def _names(entry: str, host: str, port: int) -> bool:
    name, _, its_port = entry.rpartition(":")
    names = [entry, name] if its_port == str(port) else [entry]
    return entry == "*" or any(_holds(name, host) or _is_in_domain(host, name) for name in names)


def _holds(network: str, host: str) -> bool:
    """Whether this is the host's address, or a network that contains it; an IPv6 address may be in brackets."""
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network.strip("[]"), strict=False)
    except ValueError:
        return False


def _is_in_domain(host: str, domain: str) -> bool:
    name = domain.removeprefix("*").lstrip(".").rstrip(".")
    return bool(name) and (host == name or host.endswith(f".{name}"))
