"""What a worker says on its board is read by another process, also when it has died."""

import os
import signal

from pipelines.engine.board import Board, Place, new_page


def test_a_process_that_died_has_said_where_it_was() -> None:
    page = new_page()
    board = Board(page)
    assert board.read() == Place(None, False)
    pid = os.fork()
    if not pid:
        Board(page).put(("document", 1 << 40))
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
    assert board.read() == Place(("document", 1 << 40), False)
    os.close(page)
    board.close()


def test_waiting_ends_with_the_next_record() -> None:
    page = new_page()
    board = Board(page)
    board.put(("read", 3))
    board.wait(True)
    assert board.read() == Place(("read", 3), True)
    board.wait(False)
    assert board.read() == Place(("read", 3), False)
    board.wait(True)
    board.put(None)
    assert board.read() == Place(None, False)
    os.close(page)
    board.close()
