// TidemarkSimulatorServer
