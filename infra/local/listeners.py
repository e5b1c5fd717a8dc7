"""Who listens on a port of this machine, as far as its system tells: a port that was free may be another's by now."""

from __future__ import annotations

import contextlib
from pathlib import Path

_NET = Path("/proc/net")
_LISTENING = "0A"  # TCP_LISTEN of <netinet/tcp.h>, in hexadecimal


def may_listen(pid: int, port: int) -> bool:
    """Tells whether a process listens on the port; True where the system does not tell, as beyond Linux."""
    tables = [table for name in ("tcp", "tcp6") if (table := _NET / name).exists()]
    inodes = {inode for table in tables for inode in _inodes(table, port)}
    return not tables or not inodes.isdisjoint(_sockets(pid))


def _inodes(table: Path, port: int) -> list[str]:
    """Gives the inodes of the sockets that listen on the port: proc(5) numbers the columns."""
    rows = (line.split() for line in table.read_text().splitlines()[1:])
    return [row[9] for row in rows if row[3] == _LISTENING and int(row[1].rpartition(":")[2], 16) == port]


def _sockets(pid: int) -> set[str]:
    """Gives the inodes of the sockets that a process of ours holds; none when it has ended."""
    held = set()
    with contextlib.suppress(OSError):
        for fd in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):  # closed between the two questions
                held.add(fd.readlink().name.removeprefix("socket:[").removesuffix("]"))
    return held
