"""Editing the ground by hand: one change at a time, each checked, versioned and noted with who made it and when."""
