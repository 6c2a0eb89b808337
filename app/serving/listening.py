"""The listening socket, and room for what will connect to it."""

import socket
import sys

from app.errors import Unusable

BACKLOG = 2048

# Beside its connections: the backlog, which is accepted in one go, the database's files and sockets, logs.
OTHER_FILES = BACKLOG + 256


def listen(host: str, port: int) -> socket.socket:
    """The listening socket. Taken first: a port in use is told before anything else is done."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        reason, _, _ = (error.strerror or str(error)).partition(" (while attempting")
        raise Unusable(f"Can't listen on {host} port {port}: {reason}") from error


def address_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def make_room(connections: int) -> str | None:
    """Let this process open as many files as it may need; what to tell when it may not."""
    if sys.platform == "win32":
        return None
    import resource

    needed = connections + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        needed = hard
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
    if needed - OTHER_FILES >= connections:
        return None
    return (
        f"BILLFOLK_MAX_CONNECTIONS: {connections} connections may take {connections + OTHER_FILES} open files, "
        f"and this process may have {hard} (ulimit -n)"
    )
