"""What can be asked; how an answer is understood, stored and scored; which control it serves."""
