"""The system's Chromium under Playwright: a fresh profile, nothing fetched from anywhere."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Playwright

CHROMIUM = Path("/usr/bin/chromium")
MISSING = (
    "Browser tests need Chromium and Chinese fonts: "
    "apt-get install -y chromium fonts-noto-cjk  (Debian; see README)"
)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",
)


def launch(playwright: Playwright) -> Browser:
    """Start Chromium; raises with what to install when it is not there."""
    if not CHROMIUM.exists():
        raise FileNotFoundError(MISSING)
    return playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
