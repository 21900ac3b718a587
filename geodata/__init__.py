"""The fixed twin: files in, validated WGS84 GeoDataFrames out."""
