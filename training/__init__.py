"""Offline: evaluation collections, metrics, runs, tracking. Serving never imports it."""
