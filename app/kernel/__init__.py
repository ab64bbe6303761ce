"""Pure ground: clock, ids, errors, paging, transition tables."""
