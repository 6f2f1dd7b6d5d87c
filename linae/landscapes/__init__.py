"""One loss per file, all with the same silhouette: see base.py."""
