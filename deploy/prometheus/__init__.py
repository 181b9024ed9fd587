"""Prometheus' configuration, its rules, and the copies that are made of them."""
