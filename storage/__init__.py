"""What is kept: tables, journal, snapshots, inbox queries and migrations.

Rows never leave this folder. Callers give and get the frozen records of `records`, through one door,
`database.Database`.
"""
