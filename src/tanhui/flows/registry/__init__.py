"""The registry's verbs: matters and what their steps bring about."""
