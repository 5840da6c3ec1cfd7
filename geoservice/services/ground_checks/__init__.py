"""What is wrong with the ground that is stored, what could be done about it, and where a new file seems to lie."""
