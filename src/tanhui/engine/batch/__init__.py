"""The batch pipeline: canonical rows in, one status and one integer per row out."""
