"""Panels drawn with matplotlib as Grafana shows them, a module for each kind."""
