"""Checklists and inspections: what is looked at, which points are drawn, who looks at them, and what was found."""
