"""Little people: how they move, where their joints are, and how they are painted."""
