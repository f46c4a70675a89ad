"""Little people: how they move, where that puts their joints, how they are painted."""
