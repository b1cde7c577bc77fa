#!/usr/bin/env python3
"""Check whole logs of a Tanhui 碳惠 platform; needs Python 3.8 or later and verify.py beside it.

    python3 audit.py consistency OLD LOG --key KEY [--key KEY ...]
    python3 audit.py links CREDENTIAL RIDE LOG [LOG ...] --key KEY --key KEY

LOG is the log of a year: a folder with its files, or its address (https://.../log/2026), which is
only read. Every entry is hashed up to the root that a KEY signed. `consistency`: OLD, a checkpoint
saved earlier or a folder with one, must be the beginning of LOG. `links`: CREDENTIAL must be of a
retirement in the LOGs, its units of an issue there, and RIDE in a batch that they were issued from.
Exit 0: it holds. 1: it does not. 2: it could not be checked.
"""

import argparse
import pathlib
import re
import sys
import urllib.request

import verify
from verify import require

WIDTH = 256
TIMEOUT_S = 30
ISSUED = ("registry.units.issued", "registry.pool.issue")
RETIREMENT = {"beneficiary", "purpose", "serials", "unit_mg"}  # whatever use or case it was for


def fetch(place, name):
    """The bytes of a file of a log that is a folder or an address."""
    try:
        if not re.match("https?://", place):
            return (pathlib.Path(place) / name).read_bytes()
        with urllib.request.urlopen(f"{place.rstrip('/')}/{name}", timeout=TIMEOUT_S) as answer:
            return answer.read()
    except OSError as error:
        zh = f"读不到 {place} 的 {name}；请给出一年日志的文件夹或地址（https://…/log/2026）"
        en = f"{name} of {place} cannot be read; give the folder or address of a year's log"
        raise verify.NotChecked(f"{zh} / {en} ({error})") from None


def tile_name(number, width):
    """Where entries stand (C2SP tlog-tiles): 000.p/7 is part of the first file, x001/234 whole."""
    name = f"{number % 1000:03d}"
    while number >= 1000:
        number //= 1000
        name = f"x{number % 1000:03d}/{name}"
    return f"tile/entries/{name}" + (f".p/{width}" if width < WIDTH else "")


def read_log(place, trust):
    """The checkpoint of a log and all of its entries, which lead to the signed root."""
    checkpoint = verify.open_checkpoint(fetch(place, "checkpoint").decode(), trust)
    origin, size, root, _ = checkpoint
    entries = []
    for first in range(0, size, WIDTH):
        data = fetch(place, tile_name(first // WIDTH, min(WIDTH, size - first)))
        while data:
            end = 2 + int.from_bytes(data[:2], "big")
            entries.append(data[2:end])
            data = data[end:]
    told = f"{origin} 的条目与其检查点不符 / the entries of {origin} do not fit its checkpoint"
    require(len(entries) == size and root_of(entries) == root, told)
    return checkpoint, entries


def root_of(entries):
    """The root over entries (RFC 6962, 2.1): pairs, level by level; a last odd one goes up."""
    level = [verify.sha256(b"\x00" + entry) for entry in entries]
    while len(level) > 1:
        odd = level[len(level) & ~1 :]
        pairs = zip(level[::2], level[1::2])  # noqa: B905 - no `strict` in Python 3.8
        level = [verify.sha256(b"\x01" + left + right) for left, right in pairs] + odd
    return level[0] if level else verify.sha256(b"")


def consistency(files, trust):
    """A checkpoint from before is what the log of now begins with."""
    require(len(files) == 2, "consistency OLD LOG", verify.NotChecked)
    old, place = files
    is_folder = pathlib.Path(old).is_dir() or re.match("https?://", old)
    note = fetch(old, "checkpoint") if is_folder else pathlib.Path(old).read_bytes()
    origin, size, root, _ = verify.open_checkpoint(note.decode(), trust)
    (now, now_size, _, _), entries = read_log(place, trust)
    require(origin == now, f"两个日志不同名 / two logs: {origin}, {now}", verify.NotChecked)
    zh = f"检查点有 {size} 条，日志只有 {now_size} 条；把新的一份放在后面"
    en = f"the checkpoint has {size} entries, the log {now_size}; give the newer one last"
    require(size <= now_size, f"{zh} / {en}", verify.NotChecked)
    zh = f"日志的前 {size} 条不是检查点所签的：有两份历史。请保存两份文件并公布"
    en = f"the first {size} entries are not those signed: two histories; keep both files, show them"
    require(root_of(entries[:size]) == root, f"{zh} / {en}")
    return [f"日志 log {origin}: {size} → {now_size}", "以旧检查点为开头 begins as it did then"]


def spans(serials):
    """First and last serial of each run, of texts like `1-20`; a pool's issue is one text."""
    runs = [serials] if isinstance(serials, str) else serials
    return [tuple(map(int, each.split("-"))) for each in runs]


def batches_of(issue):
    """The batches of an issue as `number:digest`; a pool's slices name a month between them."""
    slices = [each.split(":") for each in issue.get("slices", [])]
    return issue.get("from", []) + [f"{number}:{digest}" for number, _, digest in slices]


def is_within(part, whole):
    return any(first <= part[0] and part[1] <= last for first, last in whole)


def retirement_of(credential, acts):
    """The one act that retired what a certificate says, and the serials."""
    narrative = credential["credentialSubject"]["achievement"]["criteria"]["narrative"]
    said = dict(line.split("=", 1) for line in narrative.split("\n"))
    serials = spans(said["serials"].split(","))
    retired = [act for act in acts if set(act) >= RETIREMENT]
    own = next((act for act in retired if act["act"] == said["act"]), None)
    zh = f"所给日志里没有第 {said['act']} 号行为；请加上注销那一年的日志"
    require(own, f"{zh} / act {said['act']} is not in the LOGs; add the log of its year")
    same = all(
        str(own[name]) == said[name] for name in ("units", "asset", "beneficiary", "purpose")
    )
    mass_mg = own["units"] * int(own["unit_mg"])
    same = same and spans(own["serials"]) == serials and str(mass_mg) == said["mass_mg"]
    require(same, "证书与日志条目说的不同 / the certificate says other than its log entry")
    others = [span for act in retired if act is not own for span in spans(act["serials"])]
    twice = any(a <= last and first <= b for a, b in serials for first, last in others)
    require(not twice, "有序列号注销了两次 / a serial was retired twice")
    return own, serials


def links(credential, ride, entries):
    """From a certificate to its retirement, to the issue of its units, to the ride's batch."""
    acts = [verify.read_json(entry) for entry in entries]
    own, serials = retirement_of(credential, acts)
    issued = [(act, spans(act["serials"])) for act in acts if act["kind"] in ISSUED]
    sources = [act for act, born in issued if any(is_within(part, born) for part in serials)]
    born = [span for act in sources for span in spans(act["serials"])]
    known = all(is_within(part, born) for part in serials)
    zh = "所给日志里没有这些单位的签发；请加上签发那一年的日志"
    require(known, f"{zh} / the issue of these units is not in the LOGs; add the log of its year")
    batch = verify.read_json(ride["entry"])
    logged = ride["entry"].encode() in entries
    zh = f"所给日志里没有批次 {batch['batch']}；请加上那一年的日志"
    require(logged, f"{zh} / batch {batch['batch']} is not in the LOGs; add the log of its year")
    named = f"{batch['batch']}:{batch['digest']}"
    issues = [act.get("batch") or act["matter"] for act in sources if named in batches_of(act)]
    hidden = not issues and any("slices_sha256" in act and "slices" not in act for act in sources)
    told = "批次太多，日志只写摘要 / the issue has too many batches for the log to name them"
    require(not hidden, told, verify.NotChecked)
    zh = f"这些单位不是由批次 {batch['batch']} 签发的"
    require(issues, f"{zh} / these units were not issued from batch {batch['batch']}")
    return [
        f"注销 retirement: act {own['act']}, {', '.join(own['serials'])}",
        f"签发批 issue: {', '.join(issues)}",
        f"记录所在批次 batch of the record: {batch['batch']}, root {batch['root']}",
    ]


def check_links(files, trust):
    """Both files by themselves, the logs to their roots, then what leads from one to the other."""
    require(len(files) > 2, "links CREDENTIAL RIDE LOG [LOG ...]", verify.NotChecked)
    texts = [pathlib.Path(name).read_bytes().decode(errors="replace") for name in files[:2]]
    lines = [line for text in texts for line in verify.check(text, trust)]
    credential, ride = sorted(map(verify.read_json, texts), key=lambda each: "opening" in each)
    require(
        "opening" in ride, "请给出凭证和骑行证明 / give a credential and a ride", verify.NotChecked
    )
    entries = [entry for place in files[2:] for entry in read_log(place, trust)[1]]
    return lines + links(credential, ride, entries)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["consistency", "links"])
    parser.add_argument("files", nargs="+", help="OLD LOG, or CREDENTIAL RIDE LOG [LOG ...]")
    parser.add_argument("--key", action="append", default=[], help="a key that you trust")
    given = parser.parse_args(arguments)
    check = {"consistency": consistency, "links": check_links}[given.what]
    try:
        lines = check(given.files, verify.Trust(given.key))
    except (verify.NotChecked, OSError) as error:
        sys.stdout.write(f"无法核对 CANNOT BE CHECKED: {error}\n")
        return 2
    except (verify.NotProven, KeyError, TypeError, ValueError) as error:
        sys.stdout.write(f"不成立 DOES NOT HOLD: {error}\n")
        return 1
    sys.stdout.write("成立 HOLDS\n" + "".join(f"  {line}\n" for line in lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
