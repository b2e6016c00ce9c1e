"""Cells to evidence records: agents, regimen, citation, study, finding, rating, curation."""
