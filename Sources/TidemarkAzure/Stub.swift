// TidemarkAzure
