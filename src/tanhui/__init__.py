"""Tanhui 碳惠: an open platform to operate carbon inclusion (碳普惠)."""

__version__ = "0.1.0"
