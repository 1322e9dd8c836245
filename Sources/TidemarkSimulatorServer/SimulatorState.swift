internal import Foundation
public import TidemarkSimulator

/// A simulator kept in a file, so that a later run goes on where this one ended.
public struct SimulatorState: Sendable {
    /// The file; it holds tokens of simulated users and nothing that is worth protecting.
    public var path: String

    public init(path: String) {
        self.path = path
    }

    /// What was kept, or `nil` where there is no file yet. Throws a ``SimulatorStateError`` for a file that is no state.
    public func load<Service: SimulatedService>(_ type: Service.Type = AzureSimulator.self) throws -> FaultyService<Service>? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        do {
            return try JSONDecoder().decode(FaultyService<Service>.self, from: data)
        } catch {
            throw SimulatorStateError(description: "The file \(path) is no simulator's state; name another with --state.")
        }
    }

    /// Replaces the file in one step.
    public func save(_ service: FaultyService<some SimulatedService>) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try encoder.encode(service).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}

public struct SimulatorStateError: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String
}
