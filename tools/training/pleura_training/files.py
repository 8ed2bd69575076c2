"""Files that appear under their name whole or not at all; the earlier one stays wherever writing fails."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def replacing(file: Path) -> Iterator[Path]:
    """A new file beside `file` to write; then it is brought to the disk and takes its place."""
    descriptor, name = tempfile.mkstemp(prefix=f"{file.name}.", dir=file.parent)
    os.close(descriptor)
    draft = Path(name)
    try:
        yield draft
        mask = os.umask(0)
        os.umask(mask)
        draft.chmod(0o666 & ~mask)
        _sync(draft)
        draft.replace(file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _sync(file.parent)


def write_file(file: Path, content: str | bytes) -> None:
    """Writes text or bytes, and reads them back before they take the place of an earlier file."""
    content = content.encode() if isinstance(content, str) else bytes(content)
    with replacing(file) as draft:
        draft.write_bytes(content)
        if draft.read_bytes() != content:
            raise OSError(f"{file}: read back, it differs from what was written")
