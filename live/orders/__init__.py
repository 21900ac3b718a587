"""Orders (在办项目): what residents, staff and incidents ask to be done, by whom, until when."""
