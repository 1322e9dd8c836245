// TidemarkAsyncHTTPClient
