"""Domain rooms; they never import each other and meet in flows."""
