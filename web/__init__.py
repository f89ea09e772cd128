"""The pages, the HTTP interface, the clock and the command line.

Flask lives here and nowhere else. Views read a request, hand a command to the engine and redirect; what a
page shows is made ready in plain values (`rows`, `marks`, `timeline`, `forms`) before a template sees it.
"""
