"""Search by name, address, pinyin, initials, id and plate; one index a world."""
