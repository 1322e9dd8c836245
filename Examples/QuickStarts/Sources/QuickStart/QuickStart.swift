import Foundation

/// What the quick starts share: they take their settings from the environment, print a line for each thing once it is true, and end
/// with 1 at the first that isn't.
public enum QuickStart {
    /// Runs a program to its end.
    public static func run(_ program: () async throws -> Void) async -> Never {
        do {
            try await program()
            exit(0)
        } catch {
            FileHandle.standardError.write(Data("It ended early: \(error)\n".utf8))
            exit(1)
        }
    }

    public static func setting(_ name: String) throws -> String {
        guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else {
            throw QuickStartError("Set \(name); `Scripts/run-quickstarts` shows where the simulator tells it.")
        }
        return value
    }

    public static func address(_ name: String) throws -> URL {
        guard let url = URL(string: try setting(name)) else { throw QuickStartError("\(name) is no address.") }
        return url
    }

    /// Prints the line if it is true.
    public static func see(_ line: String, _ isTrue: Bool = true) throws {
        guard isTrue else { throw QuickStartError("This was not seen: \(line)") }
        print(line)
    }
}

public struct QuickStartError: Error, CustomStringConvertible {
    public var description: String
    public init(_ description: String) { self.description = description }
}
