"""A claim explained: its lines and the member's evidence by date, its edits, its verdict."""
