"""What a worker tells Prometheus: declarations, the values behind them, and who looks where."""
