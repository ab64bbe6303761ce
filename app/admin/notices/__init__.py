"""What a person asked for that takes long: progress, and what came of it."""
