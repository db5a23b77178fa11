"""
What the API takes and gives, as models: they check what comes in, and describe both in the OpenAPI document.

Names may be added to what is given, never changed or taken away.
"""
