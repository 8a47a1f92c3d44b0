"""A source for tests of the frame: one record a line, and words that plant faults.

`boom` raises, `spin` never returns, `crash` kills the process, `eat` takes memory, `no` is turned away, `bad` is
a record that cannot be read, `surrogate` holds what UTF-8 cannot. `stop` ends the file as damage does.
"""

import os
import signal
from collections.abc import Iterator

from manifests.records import BadRecord, Document
from pipelines.sources.base import RawFile, Record, Refusal, Source


class ToySource(Source):
    kind = "toy"
    suffixes = (".txt",)

    def records(self, file: RawFile) -> Iterator[Record | BadRecord]:
        for line in file.path.read_text().splitlines():
            if line.startswith("bad"):
                yield BadRecord(line, "planted: cannot be read")
            elif line.startswith("stop"):
                raise OSError(f"planted: damage in {file.path}")
            else:
                yield Record(line, line.encode())

    def document(self, record: Record) -> Document | Refusal:
        text = record.payload.decode()
        word = text.split()[0]
        if word == "boom":
            raise ValueError("planted: cannot be extracted")
        if word == "spin":
            while True:
                pass
        if word == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        if word == "eat":
            hoard = bytearray(1 << 40)
            return Refusal("never", str(len(hoard)))
        if word == "no":
            return Refusal("planted", "turned away")
        if word == "surrogate":
            return self.make(record, text + "\ud835")
        return self.make(record, text, scores={"length": len(text)})
