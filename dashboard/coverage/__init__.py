"""Coverage on the screen: what a browser asks, scenarios, and the page for a residents' meeting."""
