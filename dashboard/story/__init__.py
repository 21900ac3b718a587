"""The visitors' world: a process of its own, the story told in it, and what visitors may try."""
