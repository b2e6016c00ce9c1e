"""The evidence map as one picture, drawn by Altair: what `dress-kg plot` writes and the map page leads to."""
