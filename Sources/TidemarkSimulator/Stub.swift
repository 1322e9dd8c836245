// TidemarkSimulator
