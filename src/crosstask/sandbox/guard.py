"""The guard of sandboxes, a program of its own: it ends them when the process that started them is no more.

It is told of each sandbox through a socket, its standard input, by a file that stands for the first process inside
(pidfd). The other end of the socket is closed when that process ends, however it does. Nothing of crosstask is
imported.
"""

import os
import select
import signal
import socket


def main() -> None:
    """Hold what comes until it ends by itself; when nothing can come any more, end what is left."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    line = socket.socket(fileno=0)
    poll = select.poll()
    poll.register(line, select.POLLIN)
    held: set[int] = set()
    while True:
        for file, _ in poll.poll():
            if file in held:  # it has ended
                poll.unregister(file)
                held.remove(file)
                os.close(file)
                continue
            message, files, *_ = socket.recv_fds(line, 1, 1)
            for new in files:
                poll.register(new, select.POLLIN)
            held.update(files)
            if not message:
                _end(held)
                return


def _end(held: set[int]) -> None:
    """Kill processes; the kernel kills all that run in the sandbox of each."""
    for file in held:
        try:
            signal.pidfd_send_signal(file, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    main()
