"""The curator's way: a queue of readings to judge as a spreadsheet, and back into the curation file.

`queue` says what is in it, `sheet` writes it, `filled` reads it back, `decide` turns decisions into
curations, `keep` puts them into the curation file; `desk` does it all for a profile.
"""
