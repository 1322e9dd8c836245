// TidemarkURLSession
