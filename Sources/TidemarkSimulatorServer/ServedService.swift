public import TidemarkSimulator

/// A simulator that a ``SimulatorServer`` can serve, and that says how to reach it there.
public protocol ServedService: SimulatedService {
    associatedtype Description: Hashable, Sendable, Codable

    /// From now on it is at this port of this machine.
    mutating func describe(port: Int) -> Description
}

extension AzureSimulator: ServedService {
    public mutating func describe(port: Int) -> SimulatorDescription {
        baseURL = "http://127.0.0.1:\(port)"
        return SimulatorDescription(azure: self, port: port)
    }
}

extension AvayaSimulator: ServedService {
    /// Its accounts and its storage are at the same port; its sockets are not.
    public mutating func describe(port: Int) -> AvayaDescription {
        baseURL = "http://127.0.0.1:\(port)"
        accountsURL = baseURL
        storageURL = baseURL
        return AvayaDescription(avaya: &self, port: port)
    }
}

extension LiveKitSimulator: ServedService {
    public mutating func describe(port: Int) -> LiveKitDescription {
        baseURL = "http://127.0.0.1:\(port)"
        return LiveKitDescription(livekit: self, port: port)
    }
}
