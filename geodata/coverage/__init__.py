"""Who is served, now: walked distances, reach, supply against demand, views, gaps and places."""
