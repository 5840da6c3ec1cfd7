"""Collections of features for other programs: what there is, questions about it, pages and tiles."""
