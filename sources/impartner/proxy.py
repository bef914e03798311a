"""Which proxy is on the way to an address, by the usual words of an environment (`HTTPS_PROXY`, `NO_PROXY`).

The HTTP client could find out itself, but fails on a `NO_PROXY` such as `::1/128`.
"""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit


def proxy_for(url: str, proxies: Mapping[str, str]) -> str | None:
    """The proxy to take, None for none. proxies: by `https`, `all` and `no`, as `urllib.request.getproxies` gives them.

    Plain http goes to loopback only, and there a proxy would read the key: none is taken.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port or 443
    except ValueError:  # no address at all, which others complain of
        return None
    proxy = proxies.get("https") or proxies.get("all")
    if parts.scheme != "https" or not proxy or is_exempt(host, port, proxies.get("no", "")):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def is_exempt(host: str, port: int, no_proxy: str) -> bool:
    """Whether a comma-separated list names the host: `*`, a domain, an address or network, each perhaps with a port."""
    entries = (entry.strip().casefold() for entry in no_proxy.split(","))
    return any(_names(entry, host.casefold(), port) for entry in entries if entry)


# ---------------------------------------------------------------------------------------------------------------------


def _names(entry: str, host: str, port: int) -> bool:
    name, _, its_port = entry.rpartition(":")
    names = [entry, name] if its_port == str(port) else [entry]
    return entry == "*" or any(_holds(name, host) or _is_in_domain(host, name) for name in names)


def _holds(network: str, host: str) -> bool:
    """Whether this is the host's address, or a network with it; an IPv6 address may be in brackets."""
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network.strip("[]"), strict=False)
    except ValueError:
        return False


def _is_in_domain(host: str, domain: str) -> bool:
    name = domain.removeprefix("*").lstrip(".").rstrip(".")
    return bool(name) and (host == name or host.endswith(f".{name}"))
