"""The pioneer index (党员先锋指数): how records become scores, by a scheme that is data."""
