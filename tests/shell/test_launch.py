"""Starting processes: one that dies at once is no trouble for the one that started it."""

from __future__ import annotations

import contextlib
import subprocess

from quarterdeck.boot.launch import let_go


def test_a_process_that_died_before_it_took_its_keys_is_let_go() -> None:
    process = subprocess.Popen(["true"], stdin=subprocess.PIPE)
    process.wait()
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(b"keys\n")
        process.stdin.flush()
    let_go(process)
    assert process.stdin.closed
