"""What the page of data intake shows: feeds, late things, quarantine, dates; read, then drawn."""
