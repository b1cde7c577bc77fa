#!/usr/bin/env python3
"""Check a proof from a Tanhui 碳惠 platform, offline, with nothing but Python 3.8 or later.

    python3 verify.py FILE --key KEY [--key KEY ...] [--witness KEY ... --witnesses N]
    python3 verify.py FILE.tlog-proof --entry ENTRY.json --key KEY

FILE is a proof of a ride (JSON), a log proof (.tlog-proof) with its entry, or a credential (JSON).
KEY is a public key that you trust from elsewhere: a log's verifier key (`name+hash+key`) or an
issuer's multikey (`z6Mk...`). Exit 0: it holds. Exit 1: it does not.

It imports nothing of the platform: it is a second opinion. Formats: RFC 6962, 8032, 8785 and 9162,
C2SP signed-note, tlog-checkpoint, tlog-cosignature and tlog-proof, W3C eddsa-jcs-2022.
"""

import argparse
import base64
import binascii
import hashlib
import hmac
import json
import pathlib
import re
import sys

RIDE = "tanhui-ride-proof-v1"
PROOF_HEAD = "c2sp.org/tlog-proof@v1"
SIZE = re.compile("0|[1-9][0-9]{0,18}")


class NotProven(Exception):
    """What does not hold, in Chinese and English."""


def require(holds, zh, en):
    if not holds:
        raise NotProven(f"{zh} / {en}")


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
    while number:
        if number & 1:
            found = add(found, a)
        a, number = add(a, a), number >> 1
    return found


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_ed25519(key, message, signature):
    if len(key) != 32 or len(signature) != 64:
        return False
    public, first = point(key), point(signature[:32])
    second = int.from_bytes(signature[32:], "little")
    if public is None or first is None or second >= L:
        return False
    hashed = hashlib.sha512(signature[:32] + key + message).digest()
    left = times(second, BASE)
    right = add(first, times(int.from_bytes(hashed, "little") % L, public))
    return all((left[at] * right[2] - right[at] * left[2]) % P == 0 for at in (0, 1))


def read_json(text):
    """A value whose keys stand once and whose numbers are whole."""

    def once(pairs):
        require(len(dict(pairs)) == len(pairs), "键重复", "a key stands twice")
        return dict(pairs)

    def whole(number):
        fits = re.fullmatch("-?[0-9]{1,16}", number) and abs(int(number)) <= 2**53
        require(fits, f"数字 {number} 不是小整数", f"{number} is no whole number up to 2**53")
        return int(number)

    hooks = dict.fromkeys(["parse_int", "parse_float", "parse_constant"], whole)
    try:
        return json.loads(text, object_pairs_hook=once, **hooks)
    except (ValueError, RecursionError):
        raise NotProven("不是 JSON / this is no JSON") from None


def ordered(value):
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return {key: ordered(value[key]) for key in keys}
    return [ordered(each) for each in value] if isinstance(value, list) else value


def canonical(value):
    return json.dumps(ordered(value), separators=(",", ":"), ensure_ascii=False).encode()


def sha256(data):
    return hashlib.sha256(data).digest()


def require_included(leaf, index, size, path, root, *, zh, en):
    """RFC 9162, section 2.1.3.2."""
    lengths = {len(each) for each in [leaf, root, *path]}
    require(0 <= index < size and lengths == {32}, f"{zh}：位置或哈希不对", f"{en}: bad place")
    at, last, found = index, size - 1, leaf
    for each in path:
        require(last, f"{zh}：路径过长", f"{en}: the path is too long")
        if at & 1 or at == last:
            found = sha256(b"\x01" + each + found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = sha256(b"\x01" + found + each)
        at, last = at >> 1, last >> 1
    require(last == 0 and found == root, f"{zh}：算不到根", f"{en}: it does not lead to the root")


def from_base64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    is_canonical = data and base64.b64encode(data).decode() == text
    require(is_canonical, "base64 不规范", "base64 in another form")
    return data


def read_key(text):
    """Name, key id, type and key of a verifier key."""
    parts = text.split("+", 2)
    require(len(parts) == 3 and parts[0], f"公钥 {text} 格式不对", f"{text} is no verifier key")
    data = from_base64(parts[2])
    key_id = sha256(parts[0].encode() + b"\n" + data)[:4]
    require(key_id.hex() == parts[1], f"公钥 {text} 与其编号不符", f"{text} has another hash")
    return parts[0], key_id, data[:1], data[1:]


def signed_by(note, keys):
    """The note's text and those of the given keys that signed it."""
    text, gap, lines = note.rpartition("\n\n")
    text, found = text + "\n", set()
    is_note = gap and lines.endswith("\n") and all(c == "\n" or c >= " " for c in note)
    require(is_note, "签名文本格式不对", "the signed note has another form")
    for line in lines[:-1].split("\n"):
        parts = line.split(" ")
        require(len(parts) == 3 and parts[0] == "—", "签名行格式不对", "a bad signature line")
        data = from_base64(parts[2])
        for each in keys:
            name, key_id, kind, key = each
            if (name, key_id) != (parts[1], data[:4]):
                continue
            message, signature = text.encode(), data[4:]
            if kind == b"\x04":
                seconds, signature = int.from_bytes(signature[:8], "big"), signature[8:]
                message = b"cosignature/v1\ntime %d\n" % seconds + message
            fits = kind in (b"\x01", b"\x04") and is_ed25519(key, message, signature)
            require(fits, f"{name} 的签名不符", f"the signature of {name} does not fit")
            found.add(each)
    return text, found


def require_logged(proof, entry, trust):
    """The entry is in the log; returns the checkpoint as lines for people."""
    head, gap, note = proof.partition("\n\n")
    lines = [line for line in head.split("\n") if not line.startswith("extra ")]
    number = lines[1][6:] if len(lines) > 1 else ""
    is_proof = lines[0] == PROOF_HEAD and gap and lines[1:2] == [f"index {number}"]
    is_proof = is_proof and SIZE.fullmatch(number) and len(lines) <= 65
    require(is_proof, "日志证明格式不对", "the log proof has another form")
    text, signers = signed_by(note, trust.keys + trust.witnesses)
    parts = text.split("\n")
    is_checkpoint = len(parts) >= 4 and SIZE.fullmatch(parts[1])
    require(is_checkpoint, "检查点格式不对", "the checkpoint has another form")
    is_ours = parts[0] in {key[0] for key in signers.intersection(trust.keys)}
    require(is_ours, "日志没有用您信任的公钥签名", "no key that you trust signed the log")
    seen = {key[0] for key in signers.intersection(trust.witnesses)}
    few = (f"只有 {len(seen)} 个见证人签名", f"only {len(seen)} witnesses signed")
    require(len(seen) >= trust.witnesses_min, *few)
    root, path = from_base64(parts[2]), [from_base64(line) for line in lines[2:]]
    where = {"zh": "条目不在日志中", "en": "the entry is not in the log"}
    require_included(sha256(b"\x00" + entry), int(number), int(parts[1]), path, root, **where)
    return f"{parts[0]}: {number} / {parts[1]}", sorted(seen)


class Trust:
    def __init__(self, keys, witnesses=(), witnesses_min=0):
        self.issuers = {from_multibase(key, 34) for key in keys if "+" not in key}
        self.keys = [read_key(key) for key in keys if "+" in key]
        self.witnesses, self.witnesses_min = [read_key(key) for key in witnesses], witnesses_min


def from_hex(text):
    require(re.fullmatch("([0-9a-f]{2})+", str(text)), "十六进制不对", "bad hexadecimal")
    return bytes.fromhex(text)


def check_ride(proof, trust):
    """One row of one batch: its commitment, the batch's tree, the batch's entry, the log."""
    batch = proof["batch"]
    row, path = canonical(proof["row"]), [from_hex(each) for each in batch["path"]]
    commitment = hmac.new(from_hex(proof["opening"]), row, hashlib.sha256).digest()
    where = {"zh": "记录不在批次中", "en": "the record is not in the batch"}
    leaf, root = sha256(b"\x00" + commitment), from_hex(batch["root"])
    require_included(leaf, batch["index"], batch["leaves"], path, root, **where)
    entry = read_json(proof["entry"])
    said = (entry.get("root"), entry.get("leaves"), entry.get("kind"))
    same = said == (batch["root"], batch["leaves"], "books.batch.posted")
    require(same, "日志条目说的是别的批次", "the log entry is about another batch")
    logged = require_logged(proof["log_proof"], proof["entry"].encode(), trust)
    return [f"row {row.decode()}", f"batch {entry['batch']}", "log {}, seen by {}".format(*logged)]


def from_multibase(text, size):
    """The `size` bytes of a base58btc text (`z...`)."""
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    number = 0
    for char in text[1:]:
        number = number * 58 + alphabet.find(char)
    is_base58 = text[:1] == "z" and set(text[1:]) <= set(alphabet) and number < 256**size
    require(is_base58, "multibase 格式不对", "this is no multibase text")
    return number.to_bytes(size, "big")


def check_credential(credential, trust):
    """A credential signed eddsa-jcs-2022 by an issuer's key that is trusted."""
    proof = dict(credential["proof"])
    document = {name: value for name, value in credential.items() if name != "proof"}
    signature = from_multibase(proof.pop("proofValue"), 64)
    kind = [proof.get(name) for name in ("type", "cryptosuite", "proofPurpose")]
    known = kind == ["DataIntegrityProof", "eddsa-jcs-2022", "assertionMethod"]
    require(known, "签名方式不认识", "the kind of signature is not known")
    same = proof.get("@context") in (None, document.get("@context"))
    require(same, "签名的上下文不同", "the proof has another context")
    message = sha256(canonical(proof)) + sha256(canonical(document))
    keys = [key[2:] for key in trust.issuers if key[:2] == b"\xed\x01"]
    fits = any(is_ed25519(key, message, signature) for key in keys)
    require(fits, "签名不符，或不是您信任的公钥所签", "no key that you trust signed this")
    return [f"issuer {credential.get('issuer')}", f"id {credential.get('id')}"]


def check(text, trust, entry=None):
    """Lines for people about what holds; raises NotProven."""
    if text.startswith(PROOF_HEAD):
        require(entry is not None, "请用 --entry 给出条目", "give the entry with --entry")
        return ["log {}, seen by {}".format(*require_logged(text, entry, trust))]
    value = read_json(text)
    try:
        return (check_ride if value.get("format") == RIDE else check_credential)(value, trust)
    except (KeyError, TypeError, AttributeError):
        raise NotProven("缺少必需的内容 / something that a proof needs is missing") from None


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
        lines = check(given.file.read_bytes().decode(), trust, entry)
    except (NotProven, OSError, UnicodeDecodeError) as error:
        sys.stdout.write(f"不成立 DOES NOT HOLD: {error}\n")
        return 1
    sys.stdout.write("成立 HOLDS\n" + "".join(f"  {line}\n" for line in lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
