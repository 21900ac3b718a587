"""Orders on screen: the wall's card, the board, the panel of one, tables in and out."""
