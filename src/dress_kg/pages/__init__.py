"""The pages for people: read from a store by SPARQL, written as HTML, the same on a server and in files.

`links` makes every address, `layout` the frame of every page; each page is a module of its own.
"""
