"""What the tests and the benchmarks share: servers, browsers, hands, engines and networks of their own."""
