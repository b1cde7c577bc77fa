"""Values that every floor speaks in; this floor imports nothing of ours."""
