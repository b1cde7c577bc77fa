"""Scenes (场景): what people do, by name in both languages."""
