"""Spend that is asked for: vendors' bills, pulled. One file a source: fetch, then parse."""
