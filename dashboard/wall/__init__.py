"""The command wall's own affairs: its tour, its channel, phones as remotes, and its self-watch."""
