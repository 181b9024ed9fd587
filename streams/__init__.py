"""What moves: files, topics, commands."""
