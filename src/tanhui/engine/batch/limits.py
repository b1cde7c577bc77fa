"""Every limit of intake, written down once (docs and error texts quote these names).

A limit is a promise to the partner as much as a guard for the platform: above it the answer is
a clear refusal or a quarantined row, never a crash.
"""

from __future__ import annotations

FILE_BYTES_MAX = 2 * 1024**3
"""Largest file that `tanhui intake` takes."""

UPLOAD_BYTES_MAX = 64 * 1024**2
"""Largest body of one HTTP upload."""

DECOMPRESSED_BYTES_MAX = 4 * 1024**3
"""Largest content of a Parquet file once decompressed, by its own column sizes."""

ROW_BYTES_MAX = 65_536
"""Longest line of a text file; a longer one is quarantined."""

RAW_BYTES_MAX = 1024**2
"""What quarantine keeps of one row; only a row above 1 MiB is cut, and the file hash covers it."""

COLUMNS_MAX = 64
"""Most columns of a table."""

ROWS_MAX = 60_000_000
"""Most data rows of one file."""

BLOCK_BYTES = 16 * 1024**2
"""How much of a text file is in memory at once."""

EXTERNAL_ID_CHARS_MAX = 128
PERSON_CHARS_MIN = 3
PERSON_CHARS_MAX = 128
CLASS_CHARS_MAX = 32
SCENE_CHARS_MAX = 64
QUANTITY_CHARS_MAX = 40

FUTURE_TOLERANCE_MS = 300_000
"""A partner's clock may be five minutes ahead of ours."""

WAITING_DAYS_MAX = 40
"""How long half a ride waits for its other half, counted from the arrival of its file."""

OLDEST_MS = 946_684_800_000
"""2000-01-01T00:00:00Z; nothing this platform credits is older."""

EVENT_LENGTH_MS_MAX = 40 * 86_400_000
"""Longest event: a month of electricity and some days; anything longer is a wrong date."""
