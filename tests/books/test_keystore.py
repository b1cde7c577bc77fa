"""Keys of people: the same key every time, gone for good once destroyed, safe under kills."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tanhui.books.keystore import KEY_BYTES, KeyStore


def _bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.glob("*.keys")))


@settings(deadline=None)
@given(st.lists(st.integers(-(2**40), 2**62 - 1).filter(bool), min_size=1, max_size=40))
def test_one_word_is_what_many_say(whose: list[int]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        store = KeyStore(Path(folder))
        store.make(whose[::2], wait=False)
        store.destroy(whose[0])
        together = store.words(np.array(whose, dtype=np.int64))
        assert [store.word(each) for each in whose] == together.tolist()


@settings(deadline=None)  # it waits for the disk
@given(st.lists(st.integers(-(2**40), 2**62 - 1).filter(bool), min_size=1, max_size=60))
def test_a_key_stays_the_same(whose: list[int]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        store = KeyStore(Path(folder))
        made = store.make(whose)
        assert made.keys() == set(whose)
        assert len(set(made.values())) == len(made)
        assert all(len(key) == KEY_BYTES for key in made.values())
        assert store.make(whose) == made == store.find(whose) == KeyStore(Path(folder)).find(whose)
        assert store.count() == len(made)


def test_a_destroyed_key_is_nowhere(tmp_path: Path) -> None:
    store = KeyStore(tmp_path / "people")
    made = store.make(range(1, 600))
    assert made[77] in _bytes(store.folder)
    assert store.destroy(77)
    assert made[77] not in _bytes(store.folder)
    assert store.find([77]) == {}
    assert not store.destroy(77)
    others = {each: key for each, key in made.items() if each != 77}
    assert store.find(range(1, 600)) == others
    assert store.count() == 598


def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    store = KeyStore(tmp_path / "people")
    store.make([1])
    assert store.folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in store.folder.glob("*.keys")} == {0o600}


def test_many_threads_make_one_key_each(tmp_path: Path) -> None:
    found: list[dict[int, bytes]] = []
    store = KeyStore(tmp_path)
    threads = [
        threading.Thread(target=lambda: found.append(store.make(range(1, 200)))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(each == found[0] for each in found)
    assert store.count() == 199


_WRITER = """
import sys
from pathlib import Path
from tanhui.books.keystore import KeyStore
store, number = KeyStore(Path(sys.argv[1])), int(sys.argv[2])
while True:
    made = store.make(range(number, number + 50))
    print(number, "".join(made[each].hex() for each in sorted(made)), flush=True)
    number += 50
"""


def test_kill_9_loses_no_key_that_was_given_out(tmp_path: Path) -> None:
    store, chance, number = KeyStore(tmp_path), random.Random(9), 1
    for _ in range(8):
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(tmp_path), str(number)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        given_out = [writer.stdout.readline()]
        time.sleep(chance.random() / 20)
        os.kill(writer.pid, signal.SIGKILL)
        given_out += [line for line in writer.stdout.readlines() if line.endswith("\n")]
        writer.wait()
        for line in given_out:
            first, keys = line.split()
            kept = store.find(range(int(first), int(first) + 50))
            assert "".join(kept[each].hex() for each in sorted(kept)) == keys
            number = int(first) + 50
        (tmp_path / "05.keys").open("ab").write(b"half a record")
    store.make(range(number, number + 300))
    assert store.find([number + 7]).keys() == {number + 7}


def test_a_copy_tells_what_was_lost_from_what_was_erased(tmp_path: Path) -> None:
    store, copy = KeyStore(tmp_path / "keys"), KeyStore(tmp_path / "copy")
    made = store.make([1, 2, 257, -3])
    store.copy_to(copy.folder)
    assert copy.find(made) == made
    assert store.lost_since(copy) == []
    store.destroy(257)
    store.make([513])
    assert store.lost_since(copy) == [], "an erased key is not lost"
    path = tmp_path / "keys/01.keys"
    path.write_bytes(path.read_bytes()[80:])
    assert store.lost_since(copy) == [1, 257], "records that moved are"
    (tmp_path / "keys/02.keys").unlink()
    assert store.lost_since(copy) == [1, 257, 2]
