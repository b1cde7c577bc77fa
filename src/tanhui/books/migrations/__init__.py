"""Tables of the books, in the order they were made."""
