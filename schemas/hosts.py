"""Host names: which of them are this machine."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether nothing that is sent to this host leaves the machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.casefold() == "localhost"
