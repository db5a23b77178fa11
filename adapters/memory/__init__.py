"""
Every port in memory: the tests and the simulator run on these, and they pass the contract tests of the real ones.

Import from the modules themselves: `adapters.memory.store`, `.journal`, `.coin`.
"""
