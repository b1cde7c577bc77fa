"""Every limit of the HTTP door, in one place (docs/partners.md repeats them for partners)."""

from __future__ import annotations

from tanhui.interfaces import intake

SIGNATURE_AGE_MAX_S = 300  # a signature older than this is refused
SIGNATURE_AHEAD_MAX_S = 60  # how far a partner's clock may run ahead of ours
SIGNATURE_HEADER_CHARS_MAX = 2_048
NONCE_CHARS_MIN = 16
NONCE_CHARS_MAX = 128

IDEMPOTENCY_KEY_CHARS_MIN = 8
IDEMPOTENCY_KEY_CHARS_MAX = intake.IDEMPOTENCY_KEY_CHARS_MAX

FILE_NAME_CHARS_MAX = 200
CONFIG_ENTRIES_MAX = 16
CONFIG_KEY_CHARS_MAX = 64
CONFIG_VALUE_CHARS_MAX = 256

PAGE_ROWS_DEFAULT = 50
PAGE_ROWS_MAX = 200
SEARCHED_BATCHES_MAX = 2_000  # one search of a partner's batches
EXPORT_ROWS_MAX = 100_000  # one CSV of a person's records

READ_CHUNK_BYTES = 256 * 1024
UPLOAD_AGE_MAX_S = 3_600  # nobody writes to it any more: a killed worker left it
REQUEST_ID_CHARS_MAX = 64

SIGN_IN_FAILURES_MAX = 10  # per name and address, then a pause
SIGN_IN_PAUSE_S = 300
COMMENTS_MAX = 20  # to public notices, per address, in COMMENTS_PAUSE_S
COMMENTS_PAUSE_S = 3_600
LOCK_WAIT_S = 20  # how long an upload waits for the intakes before it
STATISTICS_KEPT_S = 3_600  # an answer of the public statistics, while nothing is posted
OWN_DATA_MEMORY_BYTES = 8 * 1024 * 1024  # of a copy of one's data; a larger one waits on disk
