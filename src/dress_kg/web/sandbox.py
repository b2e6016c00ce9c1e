"""Shutting a process in: no network, no other program, a bound on memory. For good, and for all its threads.

The engine follows SERVICE and LOAD to wherever they point and has no switch for it, so the kernel has to
say no. A seccomp filter refuses every system call that makes or uses a socket; it needs no rights, no library
and no particular file system, but the numbers of the calls, known here for two machine types. Elsewhere a
network namespace of its own does, where users may make one. Both are tried out before they are relied on.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import resource
import signal
import socket
import struct
import sys

from dress_kg.errors import StoreError

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_SECCOMP_MODE_FILTER = 2
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000

# Sockets, starting programs, reading or borrowing from other processes, and io_uring, which can do all that
# without a system call of its own. From the kernel's syscall tables.
_SHARED = {"io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "pidfd_getfd": 438}
_CALLS: dict[str, tuple[int, dict[str, int]]] = {
    "x86_64": (0xC000003E, {
        **_SHARED, "socket": 41, "connect": 42, "accept": 43, "sendto": 44, "recvfrom": 45, "sendmsg": 46,
        "recvmsg": 47, "bind": 49, "listen": 50, "socketpair": 53, "execve": 59, "ptrace": 101,
        "accept4": 288, "recvmmsg": 299, "sendmmsg": 307, "process_vm_readv": 310, "process_vm_writev": 311,
        "execveat": 322,
    }),
    "aarch64": (0xC00000B7, {
        **_SHARED, "ptrace": 117, "socket": 198, "socketpair": 199, "bind": 200, "listen": 201, "accept": 202,
        "connect": 203, "sendto": 206, "recvfrom": 207, "sendmsg": 211, "recvmsg": 212, "execve": 221,
        "accept4": 242, "recvmmsg": 243, "sendmmsg": 269, "process_vm_readv": 270, "process_vm_writev": 271,
        "execveat": 281,
    }),
}  # fmt: skip
_X32 = 0x40000000
"""On x86_64, the bit of the calls of another interface with other numbers: all of them are refused."""


class SandboxError(StoreError):
    """The kernel offers no sandbox that holds."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def enter() -> str:
    """Leave the network for good, this thread and all that it starts; do so before others are started.

    :returns: what holds: `seccomp` or `namespace`.
    :raises SandboxError: neither does.
    """
    for name, shut, sealed in (
        ("seccomp", _seccomp, _no_sockets),
        ("namespace", _namespace, _no_route),
    ):
        if sys.platform == "linux" and shut() and sealed():
            return name
    raise SandboxError(
        f"no sandbox can be had on {platform.system()} {platform.machine()}",
        remedy="run it on Linux with seccomp or user namespaces; or, where nobody else's queries come in, "
        "with --no-sandbox",
    )


def bound(memory: int | None) -> None:
    """No file may be written and no core dumped; of address space there is so much, in bytes."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if memory is not None and sys.platform == "linux":
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (_at_most(memory, hard),) * 2)


def bound_processor(seconds: float) -> None:
    """End this process after so much more processor time: a second line behind the service's clock."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = int(used.ru_utime + used.ru_stime + seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (_at_most(wanted, hard), hard))


def _at_most(wanted: int, hard: int) -> int:
    """A limit that the machine's owner has set already is not raised."""
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


def end_with_parent() -> None:
    """Be killed when the service ends, however it ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _seccomp() -> bool:
    if platform.machine() not in _CALLS:
        return False
    program = _filter(*_CALLS[platform.machine()])
    code = ctypes.create_string_buffer(program, len(program))
    described = _Program(len(program) // 8, ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(described), 0, 0) == 0)


def _filter(architecture: int, calls: dict[str, int]) -> bytes:
    """The filter in classic BPF: refused are these calls, and any of another architecture."""
    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    allow, refuse = 0x7FFF0000, 0x00050000 | errno.EPERM
    numbers = sorted(calls.values())
    steps = [(load, 0, 0, 4), (equal, 1, 0, architecture), (answer, 0, 0, refuse), (load, 0, 0, 0)]
    steps.append((at_least, len(numbers) + 1, 0, _X32))
    steps += [(equal, len(numbers) - index, 0, number) for index, number in enumerate(numbers)]
    steps += [(answer, 0, 0, allow), (answer, 0, 0, refuse)]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def _no_sockets() -> bool:
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):
        try:
            socket.socket(family, socket.SOCK_STREAM).close()
        except PermissionError:
            continue
        except OSError:  # a family that this machine has not
            continue
        return False
    return True


def _namespace() -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWNET) == 0)


def _no_route() -> bool:
    """Whether not even this machine's own address can be reached; the test sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("127.0.0.1", 9))
        except OSError:
            return all(name == "lo" for _, name in socket.if_nameindex())
    return False
