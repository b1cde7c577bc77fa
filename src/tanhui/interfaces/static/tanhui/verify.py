#!/usr/bin/env python3
"""Check a proof from a Tanhui 碳惠 platform, offline, with nothing but Python 3.8 or later.

    python3 verify.py FILE --key KEY [--key KEY ...] [--witness KEY ... --witnesses N]
    python3 verify.py FILE.tlog-proof --entry ENTRY.json --key KEY

FILE is a proof of a ride or a credential (JSON), or a log proof (.tlog-proof) with its entry. KEY
is a public key that you trust from elsewhere: a log's (`name+hash+key`) or an issuer's (`z6Mk...`).
Exit 0: it holds. 1: it does not. 2: it could not be checked. For whole logs there is audit.py.

It imports nothing of the platform: it is a second opinion. Formats: RFC 6962, 8032, 8785 and 9162,
C2SP signed-note, tlog-checkpoint, tlog-cosignature and tlog-proof, W3C eddsa-jcs-2022.
"""

import argparse
import base64
import hashlib
import hmac
import json
import pathlib
import re
import sys

RIDE, PROOF_HEAD = "tanhui-ride-proof-v1", "c2sp.org/tlog-proof@v1"
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
NOT_COUNTED = "capped 已达上限, duplicate 重复, overlapping 与他处重合, not_applicable 不适用, "
NOT_COUNTED += "no_parameter 暂无系数, no_consent 未授权, paired 已配对"


class NotProven(Exception):
    """What does not hold, in Chinese and English."""


class NotChecked(NotProven):
    """What was given cannot be checked; the text says what to give."""


def require(holds, text="内容残缺或被改动 / something is missing or was changed", error=NotProven):
    if not holds:
        raise error(text)


P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def point(data):
    """The curve point of 32 bytes in extended coordinates, or None."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if len(data) != 32 or y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x * ROOT % P if (x * x - square) % P else x
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]), (a[1] + a[0]) * (b[1] + b[0])
    g, h = 2 * a[3] * b[3] * D, 2 * a[2] * b[2]
    e, f, g, h = (f - e) % P, (h - g) % P, (h + g) % P, (f + e) % P
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, a):
    found = (0, 1, 1, 0)
    for bit in f"{number:b}":
        found = add(found, found)
        found = add(found, a) if bit == "1" else found
    return found


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_ed25519(key, message, signature):
    public, first = point(key), point(signature[:32])
    second = int.from_bytes(signature[32:], "little")
    if public is None or first is None or second >= L or len(signature) != 64:
        return False
    hashed = hashlib.sha512(signature[:32] + key + message).digest()
    left = times(second, BASE)
    right = add(first, times(int.from_bytes(hashed, "little") % L, public))
    return all((left[at] * right[2] - right[at] * left[2]) % P == 0 for at in (0, 1))


def read_json(text):
    """A value whose keys stand once and whose numbers are whole."""

    def once(pairs):
        require(len(dict(pairs)) == len(pairs), "键重复 / a key stands twice")
        return dict(pairs)

    def whole(number):
        require(re.fullmatch("-?[0-9]{1,16}", number) and abs(int(number)) <= 2**53)
        return int(number)

    hooks = dict.fromkeys(["parse_int", "parse_float", "parse_constant"], whole)
    try:
        return json.loads(text, object_pairs_hook=once, **hooks)
    except (ValueError, RecursionError):
        told = "不是完整的 JSON；PDF、JWT 请改给 credential.json / no whole JSON; of a PDF or JWT "
        raise NotChecked(told + "give the certificate's credential.json") from None


def canonical(value):
    """RFC 8785, for keys within Unicode's first plane: ours are ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256(data):
    return hashlib.sha256(data).digest()


def require_included(leaf, index, size, path, root, *, text="条目不在日志中 / not in the log"):
    """RFC 9162, section 2.1.3.2."""
    require(0 <= index < size and {len(each) for each in [leaf, root, *path]} == {32}, text)
    at, last, found = index, size - 1, leaf
    for each in path:
        require(last, text)
        if at & 1 or at == last:
            found = sha256(b"\x01" + each + found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = sha256(b"\x01" + found + each)
        at, last = at >> 1, last >> 1
    require(last == 0 and found == root, text)


def from_hex(text):
    require(re.fullmatch("([0-9a-f]{2})+", text))
    return bytes.fromhex(text)


def from_base64(text):
    data = base64.b64decode(text, validate=True)
    require(data and base64.b64encode(data).decode() == text)
    return data


def from_multibase(text, size):
    """The `size` bytes of a base58btc text (`z...`)."""
    number = 0
    for char in text[1:]:
        number = number * 58 + BASE58.index(char)
    require(text[:1] == "z" and number < 256**size)
    return number.to_bytes(size, "big")


def read_key(text):
    """Name, key id, type and key of a verifier key; None, 0xed01 and key of a multikey."""
    try:
        if text.startswith("z6Mk"):
            data = from_multibase(text, 34)
            return None, None, data[:2], data[2:]
        name, number, data = text.split("+", 2)
        data, key_id = from_base64(data), bytes.fromhex(number)
        require(name and sha256(name.encode() + b"\n" + data)[:4] == key_id)
        return name, key_id, data[:1], data[1:]
    except (ValueError, NotProven):
        told = f"“{text}”不是完整的公钥 / no whole key, like: name+hash+key, z6Mk..."
        raise NotChecked(told) from None


class Trust:
    def __init__(self, keys, witnesses=(), witnesses_min=0):
        self.keys = [read_key(key) for key in keys]
        self.witnesses, self.witnesses_min = [read_key(key) for key in witnesses], witnesses_min


def signed_by(note, keys):
    """The note's text and the names of those of the given keys that signed it."""
    text, gap, lines = note.rpartition("\n\n")
    text, found = text + "\n", set()
    require(gap and lines.endswith("\n") and all(c == "\n" or c >= " " for c in note))
    for line in lines[:-1].split("\n"):
        dash, signer, encoded = line.split(" ")
        require(dash == "—")
        data = from_base64(encoded)
        for name, _, kind, key in (each for each in keys if each[:2] == (signer, data[:4])):
            message, signature = text.encode(), data[4:]
            if kind == b"\x04":
                seconds, signature = int.from_bytes(signature[:8], "big"), signature[8:]
                message = b"cosignature/v1\ntime %d\n" % seconds + message
            fits = kind in (b"\x01", b"\x04") and is_ed25519(key, message, signature)
            require(fits, f"{name} 的签名不符 / the signature of {name} does not fit")
            found.add(name)
    return text, found


def open_checkpoint(note, trust):
    """Origin, size, root of a checkpoint that a trusted key signed, and its witnesses' names."""
    text, signers = signed_by(note, trust.keys)
    _, seen = signed_by(note, trust.witnesses)
    origin, size, root, *_, end = text.split("\n")
    require(str(int(size)) == size and not end)
    ours = "日志没有用您信任的公钥签名（name+hash+key） / no key that you trust signed the log"
    require(origin in signers, ours, NotProven if any(k[0] for k in trust.keys) else NotChecked)
    few = f"只有 {len(seen)} 个见证人签名 / only {len(seen)} witnesses signed"
    require(len(seen) >= trust.witnesses_min, few)
    return origin, int(size), from_base64(root), sorted(seen)


def check_logged(proof, entry, trust):
    """The entry is in the log; says where."""
    head, _, note = proof.partition("\n\n")
    lines = [line for line in head.split("\n") if not line.startswith("extra ")]
    number = lines[1].replace("index ", "", 1)
    require(lines[:2] == [PROOF_HEAD, f"index {int(number)}"])
    origin, size, root, seen = open_checkpoint(note, trust)
    path = [from_base64(line) for line in lines[2:]]
    require_included(sha256(b"\x00" + entry), int(number), size, path, root)
    return [f"日志 log {origin}: {number} / {size}; {', '.join(seen) or '没有见证人 no witness'}"]


def check_ride(proof, trust):
    """One row of one batch: its commitment, the batch's tree, the batch's entry, the log."""
    batch, row = proof["batch"], proof["row"]
    path = [from_hex(each) for each in batch["path"]]
    commitment = hmac.new(from_hex(proof["opening"]), canonical(row), hashlib.sha256).digest()
    leaf, root = sha256(b"\x00" + commitment), from_hex(batch["root"])
    told = "记录不在批次中 / the record is not in the batch"
    require_included(leaf, batch["index"], batch["leaves"], path, root, text=told)
    entry = read_json(proof["entry"])
    said = [entry.get(name) for name in ("kind", "root", "leaves")]
    same = said == ["books.batch.posted", batch["root"], batch["leaves"]]
    require(same, "日志条目说的是别的批次 / the log entry is about another batch")
    lines = [in_words(row), canonical(row).decode(), f"批次 batch {entry['batch']}"]
    return lines + check_logged(proof["log_proof"], proof["entry"].encode(), trust)


def in_words(row):
    """What a row was worth, with its status and the record that it repeats or overlaps."""
    status, other = row.get("status"), row.get("other")
    counted = "未计入 not counted" if row.get("mg") == "0" else "计入 counted"
    word = dict(each.split() for each in NOT_COUNTED.split(", ")).get(status, "")
    see = f"，见 see {other}" if other else ""
    return f"记录 record {row.get('id')}: {row.get('mg')} mg CO2e, {counted}: {word} {status}{see}"


def check_credential(credential, trust):
    """A credential signed eddsa-jcs-2022 by an issuer's key that is trusted."""
    proof = dict(credential["proof"])
    document = {name: value for name, value in credential.items() if name != "proof"}
    signature = from_multibase(proof.pop("proofValue"), 64)
    kind = [proof.get(name) for name in ("type", "cryptosuite", "proofPurpose")]
    known = ["DataIntegrityProof", "eddsa-jcs-2022", "assertionMethod"]
    require(kind == known, "签名方式不认识 / the kind of signature is not known")
    require(proof.get("@context") in (None, document.get("@context")))
    message = sha256(canonical(proof)) + sha256(canonical(document))
    keys = [key for _, _, kind, key in trust.keys if kind == b"\xed\x01"]
    ours = "签名不符，或不是您信任的签发公钥（z6Mk…）所签 / no key that you trust signed this"
    fits = any(is_ed25519(key, message, signature) for key in keys)
    require(fits, ours, NotProven if keys else NotChecked)
    return [f"签发方 issuer {document.get('issuer')}", f"证书 id {document.get('id')}"]


def check(text, trust, entry=None):
    """Lines for people about what holds; raises NotProven."""
    try:
        if text.startswith(PROOF_HEAD):
            require(entry is not None, "请用 --entry 给出条目 / give its --entry", NotChecked)
            return check_logged(text, entry, trust)
        value = read_json(text)
        return (check_ride if value.get("format") == RIDE else check_credential)(value, trust)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError):
        require(False)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--entry", type=pathlib.Path, help="the log entry of a .tlog-proof")
    parser.add_argument("--key", action="append", default=[], help="a key that you trust")
    parser.add_argument("--witness", action="append", default=[], help="a witness's key")
    parser.add_argument("--witnesses", type=int, default=0, help="how many must have signed")
    given = parser.parse_args(arguments)
    try:
        trust = Trust(given.key, given.witness, given.witnesses)
        entry = given.entry.read_bytes() if given.entry else None
        lines = check(given.file.read_bytes().decode(errors="replace"), trust, entry)
    except (NotProven, OSError) as error:
        code = 1 if type(error) is NotProven else 2
        verdict = "不成立 DOES NOT HOLD" if code == 1 else "无法核对 CANNOT BE CHECKED"
        sys.stdout.write(f"{verdict}: {error}\n")
        return code
    sys.stdout.write("成立 HOLDS\n" + "".join(f"  {line}\n" for line in lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
