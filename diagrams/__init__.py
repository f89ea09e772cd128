"""What ships, and the code that reads diagrams: safe parsing, checks before deployment, soundness.

    reading, bundles      bytes from a stranger -> sources that can be looked at, or a refusal
    model                 a diagram as the checks see it
    checks                one rule, one function; every finding names its element
    net, reduction,
    soundness             whether a process can get stuck, with the way there

One folder beside them holds each case type that ships. Nothing here runs a diagram.
"""
